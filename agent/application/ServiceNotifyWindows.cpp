#include "application/ServiceNotify.h"

namespace octagent {

class ServiceNotify::Socket {};

ServiceNotify::ServiceNotify() = default;
ServiceNotify::~ServiceNotify() = default;

void ServiceNotify::ready() {}
void ServiceNotify::stopping() {}
void ServiceNotify::status(const std::string& /*text*/) {}
void ServiceNotify::watchdog() {}
void ServiceNotify::send(const std::string& /*message*/) const {}

} // namespace octagent
