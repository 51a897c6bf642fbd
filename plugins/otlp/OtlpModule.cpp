#include "OtlpModule.h"

#include "Answer.h"
#include "octagent/Plugin.h"

namespace octagent::otlp {

namespace {

constexpr const char* enabledKey = "enabled";
constexpr const char* listenKey = "listen";
constexpr const char* keepOtherSpansKey = "keepOtherSpans";
constexpr const char* maxTextBytesKey = "maxTextBytes";
constexpr const char* maxBodyBytesKey = "maxBodyBytes";
constexpr const char* maxDecompressedBytesKey = "maxDecompressedBytes";
constexpr const char* deadlineKey = "deadlineMilliseconds";
constexpr const char* windowKey = "windowSpans";

Option flag(std::string key, std::string value, std::string description) {
    Option option;
    option.key = std::move(key);
    option.type = OptionType::Boolean;
    option.defaultValue = std::move(value);
    option.description = std::move(description);
    return option;
}

Option number(std::string key, std::string value, std::int64_t least, std::int64_t most, std::string description) {
    Option option;
    option.key = std::move(key);
    option.type = OptionType::Integer;
    option.defaultValue = std::move(value);
    option.minimum = least;
    option.maximum = most;
    option.description = std::move(description);
    return option;
}

RefusalBody refusalBody(int status, const std::string& message, std::string_view requestType) {
    const Encoding encoding = encodingOf(requestType);
    return {std::string(contentTypeOf(encoding)), statusBody(encoding, codeOf(status), message)};
}

} // namespace

std::string OtlpModule::version() const { return OCTAGENT_OTLP_VERSION; }

std::vector<Option> OtlpModule::options() const {
    constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
    std::vector<Option> options;
    options.push_back(flag(enabledKey, "true", "Whether to receive OpenTelemetry traces at all"));
    Option listen;
    listen.key = listenKey;
    listen.defaultValue = "127.0.0.1:4318";
    listen.description = "Address and port for OTLP/HTTP; beyond loopback a token is needed";
    options.push_back(std::move(listen));
    options.push_back(
        flag(keepOtherSpansKey, "false", "Whether spans that have nothing to do with a model are stored too"));
    options.push_back(number(maxTextBytesKey, "16384", 4, mebibyte, "Bytes after which a text of a span is cut"));
    options.back().environment = "OCT_MAX_TEXT_BYTES";
    options.push_back(number(maxBodyBytesKey, "16777216", 1024, 1024 * mebibyte,
                             "Bytes of a request's body as sent; larger ones are refused with 413"));
    options.push_back(number(maxDecompressedBytesKey, "33554432", 1024, 1024 * mebibyte,
                             "Bytes of a request's body after decompression; larger ones are refused with 413"));
    options.push_back(
        number(deadlineKey, "5000", 1, 600000,
               "Milliseconds until a request that cannot be stored is answered 503; clients give up after 10000"));
    options.push_back(number(windowKey, "32768", 1, 10000000,
                             "How many of the last spans are remembered, so that one that comes again is stored once"));
    return options;
}

void OtlpModule::initialize(ModuleContext& context) {
    const Options& options = context.options();
    if (!options.boolean(enabledKey))
        return;
    ReceiverSettings settings;
    settings.keepOtherSpans = options.boolean(keepOtherSpansKey);
    settings.maxTextBytes = static_cast<std::size_t>(options.integer(maxTextBytesKey));
    settings.maxDecompressedBytes = static_cast<std::size_t>(options.integer(maxDecompressedBytesKey));
    settings.windowSpans = static_cast<std::size_t>(options.integer(windowKey));
    settings.deadline = std::chrono::milliseconds(options.integer(deadlineKey));
    const ReceiverCounters counters{
        context.counter("spans_stored_total", "Spans that were stored"),
        context.counter("spans_repeated_total", "Spans that came again and were not stored twice"),
        context.counter("spans_skipped_total", "Spans that have nothing to do with a model and are not kept"),
        context.counter("spans_rejected_total", "Spans without valid ids"),
        context.counter("requests_busy_total", "Requests answered 503 because the queue was full for too long")};
    _receiver = std::make_unique<TraceReceiver>(settings, context.events(), counters);

    Router& router = context.listen("otlp", options.text(listenKey), refusalBody);
    Route route;
    route.method = "POST";
    route.contentTypes = {"application/x-protobuf", "application/json"};
    route.contentEncodings = {"gzip"};
    route.maxBodyBytes = static_cast<std::size_t>(options.integer(maxBodyBytesKey));
    route.path = "/v1/traces";
    router.add(route, handlerFactory([this] { return new TraceHandler(*_receiver); }));
    route.mayBlock = false;
    for (auto& signal : _discarded) {
        route.path = "/v1/" + signal.name;
        router.add(route, handlerFactory(
                              [&signal, &logger = context.logger()] { return new DiscardHandler(signal, logger); }));
    }
}

} // namespace octagent::otlp

OCTAGENT_MODULE(octagent::otlp::OtlpModule)
