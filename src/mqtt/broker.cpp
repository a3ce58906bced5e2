#include "mqtt/broker.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace salus::mqtt {

void Broker::subscribe(const std::string& filter, const std::shared_ptr<Subscriber>& subscriber, Grant grant) {
  const std::unique_lock lock{mutex_};
  tree_.put(filter, subscriber, grant);
  size_ = tree_.size();
  ++revision_;
}

void Broker::unsubscribe(const std::string& filter, const std::shared_ptr<Subscriber>& subscriber) {
  const std::unique_lock lock{mutex_};
  tree_.remove(filter, subscriber);
  size_ = tree_.size();
  ++revision_;
}

bool Broker::is_wanted(ByteView topic) const {
  if (size_.load(std::memory_order_relaxed) == 0) return false;
  const std::shared_lock lock{mutex_};
  bool wanted = false;
  tree_.match(topic, [&](const auto&, const Grant&) { wanted = true; });
  return wanted;
}

namespace {

struct Target {
  std::shared_ptr<Subscriber> subscriber;
  std::uint8_t qos = 0;
};

// Overlapping subscriptions of one session become one target.
void merge(std::vector<Target>& targets) {
  std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
    const auto left = a.subscriber->session();
    const auto right = b.subscriber->session();
    return left != right ? left < right : a.qos > b.qos;
  });
  const auto same = [](const Target& a, const Target& b) { return a.subscriber == b.subscriber; };
  targets.erase(std::unique(targets.begin(), targets.end(), same), targets.end());
}

}  // namespace

void Broker::publish(const std::shared_ptr<const Published>& message) const {
  std::vector<Target> targets;
  {
    const std::shared_lock lock{mutex_};
    tree_.match(message->topic, [&](const std::shared_ptr<Subscriber>& subscriber, const Grant& grant) {
      if (grant.no_local && subscriber->session() == message->publisher) return;
      targets.push_back({subscriber, std::min(grant.qos, message->qos)});
    });
  }
  if (targets.size() > 1) merge(targets);
  for (const Target& target : targets) {
    if (target.subscriber->reserve(message->bytes())) {
      target.subscriber->deliver(message, target.qos);
    } else if (target.qos == 0) {
      target.subscriber->dropped();
    } else {
      target.subscriber->overflowed();
    }
  }
}

}  // namespace salus::mqtt
