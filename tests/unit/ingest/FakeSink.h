#pragma once

#include "octagent/EventSink.h"

#include <cstddef>
#include <deque>
#include <vector>

// Takes what it is offered, or answers as it was told to, once for each offer.
class FakeSink : public octagent::EventSink {
public:
    std::vector<octagent::Event::Ptr> taken;
    std::deque<octagent::Offer> answers;

    octagent::Offer offer(octagent::Event::Ptr event) noexcept override {
        octagent::Offer answer = octagent::Offer::Accepted;
        if (!answers.empty()) {
            answer = answers.front();
            answers.pop_front();
        }
        if (answer == octagent::Offer::Accepted)
            taken.push_back(event);
        return answer;
    }

    octagent::Offer waitOffer(octagent::Event::Ptr event, std::chrono::steady_clock::time_point) noexcept override {
        return offer(event);
    }
};
