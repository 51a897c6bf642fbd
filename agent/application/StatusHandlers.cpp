#include "application/StatusHandlers.h"

#include <utility>

namespace octagent {

namespace {

class StatusHandler final : public RequestHandler {
public:
    StatusHandler(const std::string& contentType, const std::function<std::string()>& body)
        : _contentType(contentType), _body(body) {}

protected:
    void handle(HttpRequest& /*request*/, Poco::Net::HTTPServerResponse& response) override {
        const auto text = _body();
        response.setContentType(_contentType);
        response.set("Cache-Control", "no-store");
        response.sendBuffer(text.data(), text.size());
    }

private:
    const std::string& _contentType;
    const std::function<std::string()>& _body;
};

} // namespace

void addStatusRoute(Router& router, const std::string& path, Access access, const std::string& contentType,
                    std::function<std::string()> body) {
    Route route{.method = "GET", .path = path};
    route.access = access;
    route.mayBlock = false;
    router.add(route,
               handlerFactory([contentType, body = std::move(body)] { return new StatusHandler(contentType, body); }));
}

} // namespace octagent
