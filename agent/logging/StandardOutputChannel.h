#pragma once

// Lines of the log on standard output.
//
// A line of up to 4 KiB is handed over in one piece. When standard output is closed, the line is lost. When it is
// a pipe that nobody empties, the first line waits a fifth of a second before it is given up, and the next ones
// not at all until there is room again: a stuck reader of the log does not hold up the agent. A pipe that
// other processes fill at the same moment, or a file on a device that hangs, may still block.

#include "logging/LineChannel.h"

namespace octagent {

class StandardOutputChannel final : public LineChannel {
public:
    explicit StandardOutputChannel(Poco::AutoPtr<Poco::Formatter> formatter);

protected:
    bool write(const std::string& lines) override;

private:
    bool _isStuck = false;
};

} // namespace octagent
