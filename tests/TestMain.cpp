// Runs every registered CppUnit test, or those whose path an argument names:
//     unit-queue                           all
//     unit-queue EventQueueTest            a suite
//     unit-queue EventQueueTest::testFull  a test
//     unit-queue --list                    the names

#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

void list(const CppUnit::Test& test) {
    if (test.getChildTestCount() == 0)
        std::cout << test.getName() << '\n';
    for (int i = 0; i < test.getChildTestCount(); ++i)
        list(*test.getChildTestAt(i));
}

// The suite or test of this name, with or without its namespace. Null when there is none.
CppUnit::Test* find(CppUnit::Test& test, const std::string& name) {
    const std::string own = test.getName();
    const bool isTail = own.size() > name.size() + 2 && own.compare(own.size() - name.size() - 2, 2, "::") == 0 &&
                        own.compare(own.size() - name.size(), name.size(), name) == 0;
    if (own == name || isTail)
        return &test;
    for (int i = 0; i < test.getChildTestCount(); ++i)
        if (CppUnit::Test* found = find(*test.getChildTestAt(i), name))
            return found;
    return nullptr;
}

} // namespace

int main(int argc, char** argv) {
    CppUnit::TestResult result;
    CppUnit::TestResultCollector collector;
    CppUnit::BriefTestProgressListener progress;
    result.addListener(&collector);
    result.addListener(&progress);

    CppUnit::TestRunner runner;
    CppUnit::Test* all = CppUnit::TestFactoryRegistry::getRegistry().makeTest();
    runner.addTest(all);
    try {
        if (argc > 1 && std::string(argv[1]) == "--list") {
            list(*all);
            return 0;
        }
        if (argc == 1)
            runner.run(result);
        for (int i = 1; i < argc; ++i) {
            CppUnit::Test* found = find(*all, argv[i]);
            if (found == nullptr)
                throw std::invalid_argument(std::string("no test ") + argv[i]);
            found->run(&result);
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << " (--list shows the names)\n";
        return 2;
    }
    CppUnit::CompilerOutputter outputter(&collector, std::cerr);
    outputter.setNoWrap();
    outputter.write();
    if (collector.runTests() == 0) {
        std::cerr << "no test ran\n";
        return 2;
    }
    return collector.wasSuccessful() ? 0 : 1;
}
