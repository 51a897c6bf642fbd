#include "http/RefusalWording.h"
#include "octagent/Log.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>

#include <sstream>

namespace octagent {

namespace {

void reportFailure(const std::string& why) {
    logError(Poco::Logger::get("http"), "a module cannot word a refusal", {{"error", why}});
}

} // namespace

RefusalBody RefusalWording::body(int status, const std::string& message, std::string_view requestType) const {
    try {
        if (_format)
            return _format(status, message, requestType);
    } catch (const Poco::Exception& error) {
        reportFailure(error.displayText());
    } catch (const std::exception& error) {
        reportFailure(error.what());
    } catch (...) { // a plugin's own type
        reportFailure("unknown exception");
    }
    Poco::JSON::Object object;
    object.set("error", message);
    std::ostringstream text;
    object.stringify(text);
    return {"application/json", text.str()};
}

} // namespace octagent
