// The parsers of a request's head and of a chunked body, whatever a client may send.
//
// The first byte of an input says where the rest is cut in two, as if it came in two packets. What is held
// against each other: reading it in pieces and reading it whole must tell the same request from the same next
// one, or refuse it both times. Two readings of one input are what request smuggling lives on.

#include "http/ChunkedBody.h"
#include "http/RequestHead.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using octagent::ChunkedBody;
using octagent::RequestHead;

void require(bool holds) {
    if (!holds)
        std::abort();
}

// A copy of its exact size, so that AddressSanitizer sees every read beyond it.
std::vector<char> exactly(std::string_view text) { return {text.begin(), text.end()}; }

bool isWithin(std::string_view part, const std::vector<char>& whole) {
    return part.data() == nullptr ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

struct Decoded {
    ChunkedBody::Result result = ChunkedBody::Result::Incomplete;
    std::string body;
    std::string rest; // behind a complete body
};

// As a connection feeds it: the second piece right behind what the first one left.
Decoded decode(std::string_view first, std::string_view second) {
    constexpr std::size_t limit = 4096;
    ChunkedBody chunks(limit);
    std::string buffer;
    std::size_t rest = 0;
    Decoded decoded;
    for (const std::string_view piece : {first, second}) {
        buffer.append(piece);
        if (decoded.result == ChunkedBody::Result::Complete)
            continue;
        std::vector<char> bytes = exactly(buffer);
        decoded.result = chunks.decode(bytes.data(), bytes.size(), rest);
        buffer.assign(bytes.begin(), bytes.end());
        if (decoded.result == ChunkedBody::Result::Refused) {
            require(chunks.refusal().status >= 400);
            return decoded;
        }
        require(chunks.decodedSize() <= rest && rest <= buffer.size() && chunks.decodedSize() <= limit);
        if (decoded.result == ChunkedBody::Result::Incomplete)
            buffer.erase(chunks.decodedSize(), rest - chunks.decodedSize());
    }
    decoded.body = buffer.substr(0, chunks.decodedSize());
    if (decoded.result == ChunkedBody::Result::Complete)
        decoded.rest = buffer.substr(rest);
    return decoded;
}

void checkChunks(std::string_view text, std::size_t cut) {
    const Decoded whole = decode(text, {});
    const Decoded pieces = decode(text.substr(0, cut), text.substr(cut));
    require(whole.result == pieces.result);
    if (whole.result == ChunkedBody::Result::Refused)
        return;
    require(whole.rest == pieces.rest);
    require(whole.result == ChunkedBody::Result::Incomplete || whole.body == pieces.body);
}

} // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string text(data + 1, data + size);
    const std::size_t cut = text.size() * data[0] / 255;

    static const auto head = std::make_unique<RequestHead>();
    const std::vector<char> part = exactly(std::string_view(text).substr(0, cut));
    const auto early = head->parse({part.data(), part.size()});
    const std::size_t earlySize = head->size();
    const std::vector<char> bytes = exactly(text);
    const auto result = head->parse({bytes.data(), bytes.size()});
    if (early == RequestHead::Result::Complete)
        require(result == RequestHead::Result::Complete && head->size() == earlySize);
    if (early == RequestHead::Result::Refused)
        require(result == RequestHead::Result::Refused);
    if (result == RequestHead::Result::Refused)
        require(head->refusal().status >= 400);
    if (result == RequestHead::Result::Complete) {
        require(head->size() <= bytes.size() && head->size() <= RequestHead::maxSize);
        require(isWithin(head->path(), bytes) || head->path() == "/");
        for (const auto& field : head->fields())
            require(isWithin(field.name, bytes) && isWithin(field.value, bytes) && !field.name.empty());
        require(!head->isChunked() || head->contentLength() == 0);
        checkChunks(std::string_view(text).substr(head->size()), 0);
    }
    checkChunks(text, cut);
    return 0;
}
