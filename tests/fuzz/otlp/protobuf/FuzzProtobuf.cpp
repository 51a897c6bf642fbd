#include "StoreSpans.h"

#include <Poco/Exception.h>

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace octagent::otlp;
    TraceRequest request;
    try {
        request = decodeProtobuf(std::string_view(reinterpret_cast<const char*>(data), size));
    } catch (const Poco::DataFormatException&) {
        return 0;
    } catch (const TooManyParts&) {
        return 0;
    }
    fuzz::storeSpans(request);
    return 0;
}
