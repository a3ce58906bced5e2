#include "fhir/subscriptions/hub.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/digest.hpp"

namespace salus::fhir {
namespace {

constexpr milliseconds kTurn{50};

}  // namespace

SubscriptionHub::SubscriptionHub(const SubscriptionStore& store, guard::Authority& authority, const Clock& clock,
                                 asio::any_io_executor executor)
    : store_(store), authority_(authority), clock_(clock), executor_(asio::make_strand(executor)) {}

void SubscriptionHub::wake() {
  if (count_ == 0 || woken_.exchange(true)) return;
  asio::post(executor_, [this] { pump(); });
}

asio::awaitable<void> SubscriptionHub::run() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (std::uint64_t turn = 1;; ++turn) {
    timer.expires_after(kTurn);
    co_await timer.async_wait(asio::use_awaitable);
    if (bindings_.empty()) continue;
    if (lagging_ || turn % 20 == 0) pump();
    if (turn % 20 == 0) heartbeat(clock_.now());
  }
}

Result<SubscriptionHub::Token> SubscriptionHub::issue(const guard::Caller& caller, const std::string& id,
                                                      const std::string& base) {
  const Time now = clock_.now();
  Token token{.text = to_base64url(random_bytes(32)), .expires = now + token_life};
  const std::lock_guard lock{mutex_};
  if (tokens_.size() >= tokens_max) std::erase_if(tokens_, [&](const auto& one) { return one.second.expires < now; });
  if (tokens_.size() >= tokens_max) return fail(ErrorCode::too_large, "Too many tokens are out; try again in an hour.");
  tokens_.emplace(token.text, Meant{caller, id, base, token.expires});
  return token;
}

Result<SubscriptionHub::Meant> SubscriptionHub::redeem(std::string_view token) {
  const std::lock_guard lock{mutex_};
  const auto found = tokens_.find(std::string(token.substr(0, 64)));
  if (found == tokens_.end() || found->second.expires < clock_.now())
    return fail(ErrorCode::unauthenticated,
                "This token is not known or has expired; ask $get-ws-binding-token for another.");
  return found->second;
}

void SubscriptionHub::bind(std::shared_ptr<http::WebSocket> socket, Meant meant, Voice voice, EventNumber next,
                           std::function<void(Error)> refused) {
  asio::post(executor_, [this, socket = std::move(socket), meant = std::move(meant), voice, next,
                         refused = std::move(refused)]() mutable {
    auto done = add(std::move(socket), std::move(meant), voice, next);
    if (!done) return refused(done.error());
    pump();
  });
}

Result<void> SubscriptionHub::add(std::shared_ptr<http::WebSocket> socket, Meant meant, Voice voice, EventNumber next) {
  if (!socket->is_open()) return {};
  if (!authority_.still_valid(meant.caller)) return fail(ErrorCode::forbidden, "The session has ended; sign in again.");
  if (auto may = authority_.permit(meant.caller, guard::Action::see_record, {}); !may) return may;
  const auto cut = store_.cut();
  const auto known = store_.find(meant.id, *cut);
  if (!known) return fail(known.error());
  if (const std::string why = known->why_not(); !why.empty()) return fail(ErrorCode::conflict, "{}", why);
  if (known->asked->channel != Channel::websocket)
    return fail(ErrorCode::conflict, "Subscription/{} is told over another channel.", meant.id);
  const Standing& standing = known->standing;
  if (next == from_now) next = standing.last + 1;
  if (next < standing.first || next > standing.last + 1)
    return fail(ErrorCode::not_found, "Subscription/{} keeps its events {} to {}; {} is not among them.", meant.id,
                standing.first, standing.last, next);
  const auto mine = std::ranges::count_if(bindings_, [&](const auto& one) { return one.second.socket == socket; });
  for (auto at = bindings_.begin(); at != bindings_.end();)  // bound once more: from there on
    at = at->second.socket == socket && at->first == standing.number ? bindings_.erase(at) : std::next(at);
  if (bindings_.size() >= bindings_max || static_cast<std::size_t>(mine) >= per_socket_max)
    return fail(ErrorCode::too_large, "A socket takes {} subscriptions, the server {}.", per_socket_max, bindings_max);
  if (voice == Voice::pings) {
    socket->send_text("bound " + meant.id);
  } else {
    auto hello = notice_bundle({.kind = NoticeKind::handshake,
                                .standing = standing,
                                .asked = *known->asked,
                                .status = "active",
                                .last = standing.last},
                               {store_.record(), meant.base, clock_.now()});
    if (!hello) return fail(hello.error());
    socket->send_text(std::move(*hello));
  }
  Binding binding{std::move(socket), std::move(meant), voice, standing.number, next, clock_.now()};
  bindings_.emplace(standing.number, std::move(binding));
  count_ = bindings_.size();
  return {};
}

void SubscriptionHub::unbind(std::shared_ptr<http::WebSocket> socket, std::string id) {
  asio::post(executor_, [this, socket = std::move(socket), id = std::move(id)] {
    const Time now = clock_.now();
    std::erase_if(bindings_, [&](const auto& one) {
      const bool gone = one.second.socket == socket && (id.empty() || one.second.meant.id == id);
      if (gone) last_bound_[one.first] = now;
      return gone;
    });
    count_ = bindings_.size();
  });
}

std::optional<Time> SubscriptionHub::last_bound(ResourceNumber number) const {
  if (bindings_.contains(number)) return clock_.now();
  const auto found = last_bound_.find(number);
  return found == last_bound_.end() ? std::nullopt : std::optional{found->second};
}

// Whose rights are gone hears nothing more.
void SubscriptionHub::check_rights() {
  const std::uint64_t revision = authority_.revision();
  if (revision == rights_) return;
  rights_ = revision;
  std::erase_if(bindings_, [&](const auto& one) {
    const Meant& meant = one.second.meant;
    if (authority_.still_valid(meant.caller) && authority_.permit(meant.caller, guard::Action::see_record, {}))
      return false;
    one.second.socket->close(http::CloseCode::policy, "the session has ended");
    return true;
  });
  count_ = bindings_.size();
}

const Known* SubscriptionHub::known_of(ResourceNumber number, const view::Cut& cut) {
  auto standing = SubscriptionCut{*cut.table}.find(number);
  if (!standing) return nullptr;
  const auto found = known_.find(number);
  if (found != known_.end() && found->second.standing.version == standing->version) {
    found->second.standing = std::move(*standing);
    return &found->second;
  }
  return &known_.insert_or_assign(number, store_.understand(std::move(*standing))).first->second;
}

void SubscriptionHub::pump() {
  woken_ = false;  // before the cut: what comes behind it wakes again
  check_rights();
  const auto cut = store_.cut();
  const Time now = clock_.now();
  lagging_ = false;
  const Known* known = nullptr;
  for (auto at = bindings_.begin(); at != bindings_.end();) {
    Binding& binding = at->second;
    if (known == nullptr || known->standing.number != binding.number) known = known_of(binding.number, *cut);
    const bool goes_on = known != nullptr && binding.socket->is_open() && feed(binding, *known, *cut, now);
    if (!goes_on) last_bound_[at->first] = now;
    at = goes_on ? std::next(at) : bindings_.erase(at);
  }
  count_ = bindings_.size();
  if (known_.size() > 2 * bindings_max) known_.clear();
  if (lagging_ && !woken_.exchange(true)) asio::post(executor_, [this] { pump(); });
}

// False when the binding has ended.
bool SubscriptionHub::feed(Binding& binding, const Known& known, const view::Cut& cut, Time now) {
  const Standing& standing = known.standing;
  if (binding.next < standing.first) {  // it lagged behind what is kept
    binding.socket->close(http::CloseCode::try_again_later,
                          fmt::format("events before {} are not kept", standing.first));
    return false;
  }
  if (binding.next <= standing.last) {
    if (binding.socket->queued_bytes() > queued_bytes_max) {
      if (!binding.behind) binding.behind = now;
      if (now - *binding.behind <= stuck_max) return true;
      binding.socket->close(http::CloseCode::try_again_later,
                            fmt::format("too slow: resume {} at {}", binding.meant.id, binding.next));
      return false;
    }
    binding.behind.reset();
    const std::vector<Event> events = SubscriptionCut{*cut.table}.events(binding.number, binding.next, batch_max);
    if (!send_events(binding, known, events, now)) return false;
    if (binding.next <= standing.last) lagging_ = true;
  }
  if (known.why_not().empty() || binding.next <= standing.last) return true;
  if (binding.voice == Voice::bundles && known.asked) {  // what came until then was sent; this is the last word
    auto last = notice_bundle({.kind = NoticeKind::heartbeat,
                               .standing = standing,
                               .asked = *known.asked,
                               .status = standing.removed ? "off" : known.status,
                               .last = standing.last},
                              {store_.record(), binding.meant.base, now});
    if (last) binding.socket->send_text(std::move(*last));
  }
  return false;
}

// One message an event, so that none is too large because of its neighbours.
bool SubscriptionHub::send_events(Binding& binding, const Known& known, std::span<const Event> events, Time now) {
  for (const Event& event : events) {
    std::string text = "ping " + binding.meant.id;
    if (binding.voice == Voice::bundles) {
      if (!known.asked) return false;
      auto bundle = notice_bundle({.kind = NoticeKind::event_notification,
                                   .standing = known.standing,
                                   .asked = *known.asked,
                                   .status = "active",
                                   .events = {&event, 1},
                                   .last = event.number,
                                   .content = known.asked->content},
                                  {store_.record(), binding.meant.base, now});
      if (!bundle) {
        binding.socket->close(http::CloseCode::internal, bundle.error().message.substr(0, 100));
        return false;
      }
      text = std::move(*bundle);
    }
    if (!binding.socket->send_text(std::move(text))) return false;
    binding.next = event.number + 1;
    binding.spoken = now;
    if (binding.socket->queued_bytes() > queued_bytes_max) break;
  }
  return true;
}

void SubscriptionHub::heartbeat(Time now) {
  const auto cut = store_.cut();
  for (auto& [number, binding] : bindings_) {
    const Known* known = known_of(number, *cut);
    if (known == nullptr || !known->asked || known->asked->heartbeat == seconds{0} || binding.voice == Voice::pings ||
        now - binding.spoken < known->asked->heartbeat)
      continue;
    auto beat = notice_bundle({.kind = NoticeKind::heartbeat,
                               .standing = known->standing,
                               .asked = *known->asked,
                               .status = "active",
                               .last = binding.next - 1},
                              {store_.record(), binding.meant.base, now});
    if (beat) binding.socket->send_text(std::move(*beat));
    binding.spoken = now;
  }
}

}  // namespace salus::fhir
