#include "IngestModule.h"

#include "ErrorReader.h"
#include "ErrorWriter.h"
#include "IngestHandler.h"
#include "IngestSchema.h"
#include "TraceReader.h"
#include "TraceWriter.h"

#include "octagent/Plugin.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace octagent::ingest {

namespace {

constexpr const char* maxTextBytesKey = "maxTextBytes";
constexpr std::int64_t smallestTextLimit = 4;          // the longest UTF-8 character: no text is cut to nothing
constexpr std::int64_t largestTextLimit = 1024 * 1024; // a full queue holds 512 events of a few such texts

template <class Reader> void addRoute(ModuleContext& context, const std::string& path, std::size_t maxTextBytes) {
    Route route;
    route.method = "POST";
    route.path = path;
    route.mayBlock = false;
    EventSink& events = context.events();
    context.routes().add(
        route, handlerFactory([&events, maxTextBytes] { return new ReaderHandler<Reader>(events, maxTextBytes); }));
}

} // namespace

std::vector<Option> IngestModule::options() const {
    Option maxTextBytes;
    maxTextBytes.key = maxTextBytesKey;
    maxTextBytes.type = OptionType::Integer;
    maxTextBytes.defaultValue = "16384";
    maxTextBytes.description = "longer texts of an event are cut to so many bytes, at a whole character";
    maxTextBytes.minimum = smallestTextLimit;
    maxTextBytes.maximum = largestTextLimit;
    maxTextBytes.environment = "OCT_MAX_TEXT_BYTES";
    return {maxTextBytes};
}

std::vector<SelfTest> IngestModule::selfTests() const {
    return {{.path = "/v1/traces",
             .body = R"({"provider":"octagent","model":"self-test","status":"test","metadata":{"self_test":true}})"},
            {.path = "/v1/errors",
             .body = R"({"error_type":"self_test","message":"nothing is wrong: this is a test","severity":"info"})"}};
}

void IngestModule::initialize(ModuleContext& context) {
    const auto maxTextBytes = static_cast<std::size_t>(context.options().integer(maxTextBytesKey));
    context.tables().add(std::make_unique<IngestSchema>());
    context.writers().add(std::make_unique<TraceWriter>());
    context.writers().add(std::make_unique<ErrorWriter>());
    addRoute<TraceReader>(context, "/v1/traces", maxTextBytes);
    addRoute<ErrorReader>(context, "/v1/errors", maxTextBytes);
}

} // namespace octagent::ingest

OCTAGENT_MODULE(octagent::ingest::IngestModule)
