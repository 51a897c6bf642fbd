// Baseline (a): what Poco's own HTTPServer reaches with a handler that reads the body and answers 202.
//
//     bench-poco PORT        until SIGTERM

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

class EmptyHandler : public Poco::Net::HTTPRequestHandler {
public:
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
        std::string body;
        if (request.hasContentLength()) {
            body.resize(static_cast<std::size_t>(request.getContentLength64()));
            request.stream().read(body.data(), static_cast<std::streamsize>(body.size()));
        }
        response.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_ACCEPTED);
        response.setContentLength(0);
        response.send();
    }
};

class EmptyHandlerFactory : public Poco::Net::HTTPRequestHandlerFactory {
public:
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& /*request*/) override {
        return new EmptyHandler;
    }
};

} // namespace

int main(int argc, char** argv) {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    try {
        if (argc != 2) {
            std::cerr << "usage: bench-poco PORT\n";
            return EXIT_FAILURE;
        }
        constexpr int mostConnections = 256; // a thread for each
        Poco::ThreadPool threads(16, mostConnections);
        Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
        parameters->setKeepAlive(true);
        parameters->setMaxKeepAliveRequests(0);
        parameters->setMaxThreads(mostConnections);
        parameters->setKeepAliveTimeout(Poco::Timespan(120, 0));
        const Poco::Net::SocketAddress address("127.0.0.1", static_cast<Poco::UInt16>(std::stoi(argv[1])));
        const Poco::Net::ServerSocket socket(address, mostConnections);
        Poco::Net::HTTPServer server(new EmptyHandlerFactory, threads, socket, parameters);
        server.start();
        int received = 0;
        sigwait(&stop, &received);
        server.stopAll(true);
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        std::cerr << "bench-poco: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
