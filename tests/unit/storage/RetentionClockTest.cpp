#include "storage/RetentionClock.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace octagent;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t start = 1700000000000;
constexpr std::int64_t hour = 3600000;
constexpr std::int64_t day = 24 * hour;

} // namespace

// Rows are kept for three days here: a leap of up to one day is believed at once.
class RetentionClockTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RetentionClockTest);
    CPPUNIT_TEST(testFollowsTheCalendar);
    CPPUNIT_TEST(testSmallLeapIsBelieved);
    CPPUNIT_TEST(testLargeLeapIsNot);
    CPPUNIT_TEST(testLargeLeapIsBelievedAfterADay);
    CPPUNIT_TEST(testLeapThatIsUndoneLeavesNoTrace);
    CPPUNIT_TEST(testSetBackDeletesNothing);
    CPPUNIT_TEST(testLeapWhileTheAgentIsOff);
    CPPUNIT_TEST(testWaitingGoesOnOverRestarts);
    CPPUNIT_TEST(testShortRetentionToleratesAnHour);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _clock.restore(start, 0); }

    void testFollowsTheCalendar() {
        for (int i = 1; i <= 100; ++i)
            _clock.advance(start + i * hour, 1h);
        CPPUNIT_ASSERT_EQUAL(start + 100 * hour - 3 * day, _clock.cutoff());
        CPPUNIT_ASSERT(!_clock.isHeld());
    }

    void testSmallLeapIsBelieved() {
        _clock.advance(start + day, 1min);
        CPPUNIT_ASSERT_EQUAL(start - 2 * day, _clock.cutoff());
    }

    void testLargeLeapIsNot() {
        _clock.advance(start + 365 * day, 1min);
        CPPUNIT_ASSERT(_clock.isHeld());
        CPPUNIT_ASSERT_EQUAL(start + 60000 - 3 * day, _clock.cutoff());
    }

    void testLargeLeapIsBelievedAfterADay() {
        for (int i = 1; i <= 23; ++i)
            _clock.advance(start + 365 * day + i * hour, 1h);
        CPPUNIT_ASSERT(_clock.isHeld());
        CPPUNIT_ASSERT_EQUAL(start + 23 * hour - 3 * day, _clock.cutoff());
        _clock.advance(start + 366 * day, 1h);
        CPPUNIT_ASSERT(!_clock.isHeld());
        CPPUNIT_ASSERT_EQUAL(start + 363 * day, _clock.cutoff());
    }

    void testLeapThatIsUndoneLeavesNoTrace() {
        for (int i = 1; i <= 20; ++i)
            _clock.advance(start + 365 * day + i * hour, 1h);
        _clock.advance(start + 21 * hour, 1h);
        CPPUNIT_ASSERT(!_clock.isHeld());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _clock.held());
        CPPUNIT_ASSERT_EQUAL(start + 21 * hour - 3 * day, _clock.cutoff());
    }

    void testSetBackDeletesNothing() {
        _clock.advance(start - 100 * day, 1min);
        CPPUNIT_ASSERT_EQUAL(start - 103 * day, _clock.cutoff());
        // And forward again: no leap beyond what was seen.
        _clock.advance(start + 2 * 60000, 1min);
        CPPUNIT_ASSERT(!_clock.isHeld());
        CPPUNIT_ASSERT_EQUAL(start + 2 * 60000 - 3 * day, _clock.cutoff());
    }

    void testLeapWhileTheAgentIsOff() {
        RetentionClock next(3 * 24h);
        next.restore(_clock.clock(), _clock.held());
        next.advance(start + 30 * day, 0ms);
        CPPUNIT_ASSERT(next.isHeld());
        CPPUNIT_ASSERT_EQUAL(start - 3 * day, next.cutoff());
    }

    void testWaitingGoesOnOverRestarts() {
        std::int64_t clock = start;
        std::int64_t held = 0;
        for (int i = 0; i < 5; ++i) {
            RetentionClock next(3 * 24h);
            next.restore(clock, held);
            next.advance(start + 365 * day + i * 5 * hour, 5h);
            CPPUNIT_ASSERT_EQUAL(i < 4, next.isHeld());
            clock = next.clock();
            held = next.held();
        }
        CPPUNIT_ASSERT_EQUAL(start + 365 * day + 20 * hour, clock);
    }

    void testShortRetentionToleratesAnHour() {
        RetentionClock shortClock(1h);
        shortClock.restore(start, 0);
        shortClock.advance(start + hour, 0ms);
        CPPUNIT_ASSERT(!shortClock.isHeld());
        shortClock.advance(start + 3 * hour, 0ms);
        CPPUNIT_ASSERT(shortClock.isHeld());
    }

private:
    RetentionClock _clock{3 * 24h};
};

CPPUNIT_TEST_SUITE_REGISTRATION(RetentionClockTest);
