#pragma once

// The agent's parts as Poco's application sees them: started in the order in which they were added, stopped in
// reverse.

#include "application/Agent.h"

#include <Poco/Util/Application.h>
#include <Poco/Util/Subsystem.h>

namespace octagent {

class PersisterSubsystem : public Poco::Util::Subsystem {
public:
    explicit PersisterSubsystem(Agent& agent) : _agent(agent) {}
    const char* name() const override { return "persister"; }

protected:
    void initialize(Poco::Util::Application& /*application*/) override { _agent.openStorage(); }
    void uninitialize() override { _agent.stopStorage(); }

private:
    Agent& _agent;
};

class ModuleSubsystem : public Poco::Util::Subsystem {
public:
    explicit ModuleSubsystem(Agent& agent) : _agent(agent) {}
    const char* name() const override { return "modules"; }

protected:
    void initialize(Poco::Util::Application& /*application*/) override { _agent.startModules(); }
    void uninitialize() override { _agent.stopModules(); }

private:
    Agent& _agent;
};

class HttpSubsystem : public Poco::Util::Subsystem {
public:
    explicit HttpSubsystem(Agent& agent) : _agent(agent) {}
    const char* name() const override { return "http"; }

protected:
    void initialize(Poco::Util::Application& /*application*/) override { _agent.startHttp(); }
    void uninitialize() override { _agent.stopHttp(); }

private:
    Agent& _agent;
};

} // namespace octagent
