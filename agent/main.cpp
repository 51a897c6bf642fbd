#include "application/AgentApplication.h"
#include "application/Signals.h"

#include <Poco/Exception.h>

#include <exception>
#include <iostream>

namespace {

template <class Character> int runAgent(int argc, Character** argv) {
    try {
        // Before any thread: a signal during the start must lead to an orderly stop, not to a dead process.
        octagent::blockSignals();
        octagent::AgentApplication application;
        const int verdict = application.checkBeforeDetaching(argc, argv);
        return verdict != 0 ? verdict : application.run(argc, argv);
    } catch (const Poco::Exception& error) {
        std::cerr << "octagent: " << error.displayText() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "octagent: " << error.what() << '\n';
    }
    return Poco::Util::Application::EXIT_SOFTWARE;
}

} // namespace

#if defined(_WIN32)
int wmain(int argc, wchar_t** argv) {
    // Poco understands /name here, as Windows' own programs do; what the manual says, --name, means the same.
    for (int i = 1; i < argc; ++i) {
        if (argv[i][0] == L'-' && argv[i][1] == L'-') {
            ++argv[i];
            argv[i][0] = L'/';
        }
    }
    return runAgent(argc, argv);
}
#else
int main(int argc, char** argv) { return runAgent(argc, argv); }
#endif
