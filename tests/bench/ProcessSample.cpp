// What a running process costs.
//
//     bench-sample PID SECONDS [EVERY_MS]
//
// Prints the processor time that the process used in that time (user and system, all threads, in nanosecond
// resolution rather than /proc's ticks), and its memory: the highest private (Private_Clean + Private_Dirty of
// smaps_rollup) and total resident size among samples taken every EVERY_MS (default: one, at the end). Ends
// earlier on SIGTERM.

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

volatile std::sig_atomic_t stopped = 0;

struct Memory {
    long privateKb = 0;
    long residentKb = 0;
};

Memory memoryOf(const std::string& pid) {
    std::ifstream in("/proc/" + pid + "/smaps_rollup");
    Memory memory;
    std::string line;
    while (std::getline(in, line)) {
        std::array<char, 32> key{};
        long kb = 0;
        if (std::sscanf(line.c_str(), "%31[^:]: %ld kB", key.data(), &kb) != 2)
            continue;
        const std::string name = key.data();
        if (name == "Private_Clean" || name == "Private_Dirty")
            memory.privateKb += kb;
        else if (name == "Rss")
            memory.residentKb = kb;
    }
    return memory;
}

double processorSeconds(clockid_t clock) {
    timespec now{};
    if (clock_gettime(clock, &now) != 0)
        throw std::runtime_error("the process is gone");
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void sample(const std::string& pid, double limit, double every) {
    clockid_t clock{};
    if (clock_getcpuclockid(std::stoi(pid), &clock) != 0)
        throw std::runtime_error("no process " + pid);
    using Seconds = std::chrono::duration<double>;
    const auto start = std::chrono::steady_clock::now();
    const double before = processorSeconds(clock);
    Memory highest;
    double used = 0;
    double elapsed = 0;
    while (true) {
        const Memory now = memoryOf(pid);
        highest.privateKb = std::max(highest.privateKb, now.privateKb);
        highest.residentKb = std::max(highest.residentKb, now.residentKb);
        used = processorSeconds(clock) - before;
        elapsed = Seconds(std::chrono::steady_clock::now() - start).count();
        if (elapsed >= limit || stopped != 0)
            break;
        // Interrupted by SIGTERM, on purpose.
        const double pause = std::min(every, limit - elapsed);
        const timespec wait{static_cast<time_t>(pause),
                            static_cast<long>((pause - static_cast<double>(static_cast<time_t>(pause))) * 1e9)};
        nanosleep(&wait, nullptr);
    }
    std::printf("seconds=%.3f cpu_seconds=%.6f private_kb=%ld rss_kb=%ld\n", elapsed, used, highest.privateKb,
                highest.residentKb);
}

} // namespace

int main(int argc, char** argv) {
    struct sigaction action {};
    action.sa_handler = [](int) { stopped = 1; };
    sigaction(SIGTERM, &action, nullptr);
    try {
        if (argc < 3)
            throw std::invalid_argument("usage: bench-sample PID SECONDS [EVERY_MS]");
        const double limit = std::stod(argv[2]);
        sample(argv[1], limit, argc > 3 ? std::stod(argv[3]) / 1000 : limit);
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        std::cerr << "bench-sample: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
