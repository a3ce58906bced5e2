#include "app/live_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/api/sight.hpp"
#include "app/version.hpp"
#include "log/kinds.hpp"

namespace salus::app {
namespace {

constexpr milliseconds kHello{5'000};
constexpr milliseconds kFlush{50};

struct Hello {
  guard::Caller caller;
  LiveFilter filter;
  std::optional<log::Position> since;
};

std::set<std::string> texts_of(const json::object& object, std::string_view key) {
  std::set<std::string> out;
  const json::value* list = object.if_contains(key);
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& item : list->get_array())
    if (item.is_string() && out.size() < 256) out.emplace(item.get_string());
  return out;
}

Result<Hello> read_hello(guard::Authority& authority, const http::WebSocket::Message& message) {
  const auto parsed = parse_json(message.data, {.bytes_max = 64 << 10, .depth_max = 4});
  if (!parsed) return fail(parsed.error());
  const auto object = as_object(*parsed, "The hello message");
  if (!object) return fail(object.error());
  auto caller = authority.bearer(string_or(*object, "token"));
  if (!caller) return fail(caller.error());
  if (auto may = authority.permit(*caller, guard::Action::see_ward, {}); !may) return fail(may.error());
  LiveFilter filter{.waves = texts_of(*object, "waves"),
                    .beds = texts_of(*object, "beds"),
                    .ward = caller->ward,
                    .station = caller->station};
  Hello hello{std::move(*caller), std::move(filter), std::nullopt};
  const json::value* since = object->if_contains("since");
  if (since != nullptr && since->is_object())
    hello.since = log::Position{log::Epoch{static_cast<std::uint32_t>(int_or(since->get_object(), "epoch"))},
                                log::Offset{static_cast<std::uint64_t>(int_or(since->get_object(), "offset"))}};
  return hello;
}

bool any_simulated(const json::object& ward) {
  for (const json::value& sector : ward.at("sectors").as_array())
    if (sector.at("simulated").as_bool()) return true;
  return false;
}

json::object welcome_of(WardContext& context, const Hello& hello, bool resumed, bool simulated) {
  const log::Position end = context.core.telemetry_log().durable_end();
  return {{"type", "welcome"},
          {"user", hello.caller.id},
          {"ward", hello.caller.ward.empty() ? json::value(nullptr) : json::value(hello.caller.ward)},
          {"now", to_iso(context.clock.now())},
          {"epoch", log::number(end.epoch)},
          {"offset", log::number(end.offset)},
          {"resumed", resumed},
          {"recording", context.core.is_recording()},
          {"simulated", simulated},
          {"version", version}};
}

constexpr std::size_t kShownMax = 64;  // in a message; the screen says the rest in its next

// What a screen says it has shown, on its way into records. One entry at a time: what comes meanwhile is said again.
struct Shown {
  std::string to;
  std::shared_ptr<std::atomic<bool>> under_way = std::make_shared<std::atomic<bool>>(false);
};

// Of these alarms those that no screen has shown yet become `alarm_delivered`.
asio::awaitable<void> deliver(WardContext* context, std::vector<std::string> ids, Shown shown, guard::Caller caller) {
  auto fresh = co_await context->core.records().read([core = &context->core, ids = std::move(ids), caller] {
    json::array out;
    for (const std::string& id : ids)
      if (const monitor::Alarm* alarm = core->alarms().find(id); alarm != nullptr && alarm->delivered_to.empty() &&
                                                                 !alarm->is_over() &&
                                                                 sees_alarm(core->registry(), caller, *alarm))
        out.emplace_back(id);
    return out;
  });
  if (fresh && !fresh->empty())
    co_await context->core.submit(
        {log::kind::alarm_delivered, 1, json_text(json::object{{"ids", std::move(*fresh)}, {"to", shown.to}}), 0});
  *shown.under_way = false;
}

// {"type":"screen","audible":…,"why":"…","shown":["alarm", …]}; what is no such message is ignored.
void hear_screen(WardContext& context, const asio::any_io_executor& executor, std::uint64_t screen,
                 const guard::Caller& caller, const http::WebSocket::Message& message, const Shown& shown) {
  const auto parsed = parse_json(message.data, {.bytes_max = 32 << 10, .depth_max = 4});
  if (!parsed || !parsed->is_object()) return;
  const json::object& said = parsed->get_object();
  if (string_or(said, "type") != "screen") return;
  context.screens.said(screen, bool_or(said, "audible"), string_or(said, "why"), context.clock.now());
  std::vector<std::string> ids;
  const json::value* list = said.if_contains("shown");
  if (list != nullptr && list->is_array())
    for (const json::value& id : list->get_array())
      if (id.is_string() && ids.size() < kShownMax) ids.emplace_back(id.get_string());
  if (ids.empty() || shown.under_way->exchange(true)) return;
  asio::co_spawn(executor, deliver(&context, std::move(ids), shown, caller), asio::detached);
}

asio::awaitable<void> serve(WardContext& context, std::shared_ptr<http::WebSocket> socket, std::string peer) {
  auto first = co_await socket->read(kHello);
  if (!first) co_return;
  auto hello = read_hello(context.authority, *first);
  if (!hello) {
    socket->send_text(json_text(
        json::object{{"type", "refused"}, {"code", name(hello.error().code)}, {"detail", hello.error().message}}));
    socket->close(http::CloseCode::policy, "sign in first");
    co_return;
  }
  // On the telemetry thread, so that no event falls between the ward as it stands and the events that follow.
  auto id = std::make_shared<std::atomic<std::uint64_t>>(0);
  context.core.telemetry().post([context = &context, socket, hello = *hello, id] {
    const json::object ward = context->feed.ward(hello.filter.ward, hello.filter.station);
    const auto greet = [&](bool resumed) {
      std::vector<std::string> messages{json_text(welcome_of(*context, hello, resumed, any_simulated(ward)))};
      if (!resumed) messages.push_back(json_text(ward));
      return messages;
    };
    *id = context->hub
              .join(socket, hello.filter, hello.since, greet,
                    [context, caller = hello.caller] { return context->authority.still_valid(caller); })
              .id;
  });
  const std::uint64_t screen = context.screens.open(hello->caller, peer, context.clock.now());
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const Shown shown{.to = hello->caller.id};
  while (true) {
    const auto message = co_await socket->read(milliseconds{0});
    if (!message) break;
    if (!context.screens.may_speak(screen, context.clock.now())) {
      socket->close(http::CloseCode::policy, "too many messages");
      break;
    }
    hear_screen(context, executor, screen, hello->caller, *message, shown);
  }
  context.screens.close(screen);
  context.core.telemetry().post([context = &context, id] { context->hub.leave(*id); });
}

}  // namespace

void add_live_socket(http::Router& router, WardContext& context) {
  router.add(
      http::WebSocketRoute{.pattern = "/ws/live",
                           .access = http::Access::anyone(),
                           .summary = "The live feed; the first message signs in",
                           .handler =
                               [&context](const http::Request& request, std::shared_ptr<http::WebSocket> socket) {
                                 return serve(context, std::move(socket), request.peer);
                               },
                           .protocols = {}});
}

asio::awaitable<void> run_announcements(WardContext& context) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  log::Position told{};
  std::uint64_t messages = context.feed.messages();
  for (std::uint64_t turn = 0;; ++turn) {
    timer.expires_after(kFlush);
    co_await timer.async_wait(asio::use_awaitable);
    context.feed.flush();
    const log::Position end = context.core.telemetry_log().durable_end();
    context.hub.durable(end);
    if (end != told && turn % 5 == 0) {
      told = end;
      context.hub.announce(
          {{"type", "position"}, {"epoch", log::number(end.epoch)}, {"offset", log::number(end.offset)}});
    }
    if (turn % 20 != 0) continue;
    const std::uint64_t now = context.feed.messages();
    const view::HostStatus views = context.core.telemetry().status();
    const std::int64_t late_ms =
        views.waiting_bytes == 0 ? 0
                                 : std::chrono::duration_cast<milliseconds>(context.clock.now() - views.time).count();
    context.hub.announce({{"type", "status"},
                          {"now", to_iso(context.clock.now())},
                          {"recording", context.core.is_recording()},
                          {"reason", context.core.is_recording() ? json::value(nullptr)
                                                                 : json::value(context.core.not_recording_because())},
                          {"messages_per_s", now - messages},
                          {"late_ms", late_ms}});
    context.hub.end_invalid();
    messages = now;
  }
}

}  // namespace salus::app
