#pragma once

// Hands on errors and worse, formatted, to another channel. Safe from every thread where the other one is;
// throws nothing.

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Formatter.h>
#include <Poco/Message.h>

namespace octagent {

class ErrorsOnlyChannel final : public Poco::Channel {
public:
    ErrorsOnlyChannel(Poco::AutoPtr<Poco::Formatter> formatter, Poco::AutoPtr<Poco::Channel> target);
    void log(const Poco::Message& message) override;

private:
    Poco::AutoPtr<Poco::Formatter> _formatter;
    Poco::AutoPtr<Poco::Channel> _target;
};

} // namespace octagent
