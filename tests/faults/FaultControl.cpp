#include "FaultControl.h"

#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace octagent::test {

FaultControl::FaultControl(const std::string& directory) : _path(directory + "/faults") {
    const int descriptor = ::open(_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || ::ftruncate(descriptor, sizeof(Faults)) != 0)
        throw std::runtime_error("cannot make " + _path);
    void* memory = ::mmap(nullptr, sizeof(Faults), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (memory == MAP_FAILED)
        throw std::runtime_error("cannot map " + _path);
    _faults = static_cast<Faults*>(memory); // all zero, as the file is
}

FaultControl::~FaultControl() { ::munmap(_faults, sizeof(Faults)); }

void FaultControl::addTo(AgentSetup& setup) const {
    setup.environment["LD_PRELOAD"] = OCTAGENT_FAULT_LIBRARY;
    setup.environment["FAULTS_FILE"] = _path;
}

} // namespace octagent::test
