#include "mqtt/server_test.hpp"

#include <boost/asio/detached.hpp>

#include "base/digest.hpp"
#include "mqtt/packet_ids.hpp"
#include "mqtt/rate.hpp"

namespace salus::mqtt::testing {
namespace {

TEST(Server, AcknowledgesInBothVersions) {
  for (const Version version : {Version::v311, Version::v5}) {
    Gate gate;
    asio::io_context context;
    run(context, [](Gate& at, Version spoken) -> asio::awaitable<void> {
      auto client = co_await Client::connect({.port = at.port}, device("mon-1", spoken));
      EXPECT_TRUE(client.has_value());
      if (!client) co_return;
      std::vector<std::uint64_t> acked;
      (*client)->on_ack([&](std::uint64_t token, Reason reason) {
        EXPECT_EQ(reason, Reason::success);
        acked.push_back(token);
      });
      for (std::uint64_t i = 0; i < 1000; ++i) {
        co_await (*client)->room();
        EXPECT_TRUE((*client)->publish("devices/mon-1/telemetry", std::to_string(i), 1, i));
      }
      (*client)->publish("devices/mon-1/telemetry", "last", 0);
      EXPECT_TRUE(co_await comes([&] { return acked.size() == 1000 && at.intake.count() == 1001; }));
      for (std::uint64_t i = 0; i < acked.size(); ++i) EXPECT_EQ(acked[i], i);
      co_await (*client)->disconnect();
    }(gate, version));
    const auto taken = gate.intake.taken();
    ASSERT_EQ(taken.size(), 1001U);
    for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(taken[i].payload, std::to_string(i));
    EXPECT_FALSE(taken[1000].qos1);
    EXPECT_TRUE(eventually([&] { return gate.intake.noted("went mon-1 success"); }));
    EXPECT_LT(gate.authority.asked(), 5U);  // the right to a topic is asked for once
  }
}

TEST(Server, AcknowledgesOnlyWhatIsDurableAndInOrder) {
  Gate gate;
  gate.intake.hold();
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    auto client = co_await Client::connect({.port = at.port}, device("mon-1"));
    std::vector<std::uint64_t> acked;
    (*client)->on_ack([&](std::uint64_t token, Reason) { acked.push_back(token); });
    for (std::uint64_t i = 0; i < 10; ++i) {
      (*client)->publish("devices/mon-1/telemetry", "x", 1, i);
      EXPECT_TRUE(co_await comes([&] { return at.intake.count() == i + 1; }));  // ten batches of one
    }
    EXPECT_TRUE(acked.empty());
    at.intake.release();
    EXPECT_TRUE(co_await comes([&] { return acked.size() == 10; }));
    for (std::uint64_t i = 0; i < acked.size(); ++i) EXPECT_EQ(acked[i], i);
  }(gate));
}

TEST(Server, SaysWhyNothingWasStored) {
  struct Row {
    ErrorCode code;
    Reason reason;
  };
  for (const Row& row : {Row{ErrorCode::not_durable, Reason::implementation_specific},
                         {ErrorCode::unavailable, Reason::quota_exceeded},
                         {ErrorCode::rate_limited, Reason::quota_exceeded}}) {
    Gate gate;
    gate.intake.answer_with(fail(row.code, "No."));
    asio::io_context context;
    run(context, [](Gate& at, Reason wanted) -> asio::awaitable<void> {
      auto client = co_await Client::connect({.port = at.port}, device("mon-1"));
      std::optional<Reason> heard;
      (*client)->on_ack([&](std::uint64_t, Reason reason) { heard = reason; });
      (*client)->publish("devices/mon-1/telemetry", "x", 1);
      EXPECT_TRUE(co_await comes([&] { return heard.has_value(); }));
      EXPECT_EQ(heard, wanted);
      EXPECT_TRUE((*client)->is_open());
    }(gate, row.reason));
  }
}

TEST(Server, NeverAcknowledgesWhatIsNotStoredTo311AndMakesItResend) {
  Gate gate{Limits{.unacknowledged_within = milliseconds{200}}};
  gate.intake.answer_with(fail(ErrorCode::not_durable, "No."));
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    auto client = co_await Client::connect({.port = at.port}, device("mon-1", Version::v311));
    bool acked = false;
    (*client)->on_ack([&](std::uint64_t, Reason) { acked = true; });
    (*client)->publish("devices/mon-1/telemetry", "x", 1);
    EXPECT_TRUE(co_await comes([&] { return !(*client)->is_open(); }));
    EXPECT_FALSE(acked);
  }(gate));
}

TEST(Server, DeniesByDefault) {
  for (const Version version : {Version::v311, Version::v5}) {
    Gate gate;
    asio::io_context context;
    run(context, [](Gate& at, Version spoken) -> asio::awaitable<void> {
      auto client = co_await Client::connect({.port = at.port}, device("mon-1", spoken));
      const auto codes = co_await (*client)->subscribe(
          {{"devices/mon-1/#", 1}, {"#", 1}, {"devices/+/x", 0}, {"devices/mon-2/x", 0}, {"a#", 0}, {"$share/g/a", 0}});
      EXPECT_TRUE(codes.has_value());
      const bool v5 = spoken == Version::v5;
      const std::vector<std::uint8_t> wanted = v5 ? std::vector<std::uint8_t>{1, 0x87, 0x87, 0x87, 0x8F, 0x9E}
                                                  : std::vector<std::uint8_t>{1, 128, 128, 128, 128, 128};
      if (codes) EXPECT_EQ(*codes, wanted);
      std::optional<Reason> heard;
      (*client)->on_ack([&](std::uint64_t, Reason reason) { heard = reason; });
      (*client)->publish("devices/mon-2/telemetry", "x", 1);
      EXPECT_TRUE(co_await comes([&] { return v5 ? heard == Reason::not_authorized : !(*client)->is_open(); }));
    }(gate, version));
    EXPECT_EQ(gate.intake.count(), 0U);
    EXPECT_EQ(gate.server.counters().refused_publishes, 1U);
  }
}

TEST(Server, DeliversToSubscribersOnceDurable) {
  Gate gate;
  gate.intake.hold();
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    // Two subscribers, one on each core; overlapping filters give one copy at the best QoS.
    auto first = co_await Client::connect({.port = at.port}, user("s1"));
    auto second = co_await Client::connect({.port = at.port}, user("s2", Version::v311));
    std::vector<std::string> got1, got2;
    int qos1 = 0;
    (*first)->on_message([&](const Publish& m) {
      got1.emplace_back(m.payload);
      qos1 += m.qos;
    });
    (*second)->on_message([&](const Publish& m) { got2.emplace_back(m.payload); });
    co_await (*first)->subscribe({{"devices/#", 0}, {"devices/+/telemetry", 1}});
    co_await (*second)->subscribe({{"devices/mon-1/telemetry", 0}});
    auto sender = co_await Client::connect({.port = at.port}, device("mon-1"));
    (*sender)->publish("devices/mon-1/telemetry", "a", 1);
    (*sender)->publish("devices/mon-1/other", "b", 0);
    EXPECT_TRUE(co_await comes([&] { return at.intake.count() == 2; }));
    EXPECT_TRUE(got1.empty() && got2.empty());
    at.intake.release();
    EXPECT_TRUE(co_await comes([&] { return got1.size() == 2 && got2.size() == 1; }));
    EXPECT_EQ(got1, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(qos1, 1);
    // More than a window of them, all answered, then none lost and in order.
    got1.clear();
    for (int i = 0; i < 2000; ++i) {
      co_await (*sender)->room();
      (*sender)->publish("devices/mon-1/telemetry", std::to_string(i), 1);
    }
    EXPECT_TRUE(co_await comes([&] { return got1.size() == 2000; }));
    for (int i = 0; i < static_cast<int>(got1.size()); ++i)
      EXPECT_EQ(got1[static_cast<std::size_t>(i)], std::to_string(i));
    // The last words of a client that leaves at once arrive too.
    (*sender)->publish("devices/mon-1/telemetry", "bye", 0);
    co_await (*sender)->disconnect();
    EXPECT_TRUE(co_await comes([&] { return !got1.empty() && got1.back() == "bye"; }));
  }(gate));
}

TEST(Server, GivesTheSessionToTheLatest) {
  Gate gate;
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    auto first = co_await Client::connect({.port = at.port}, device("mon-1"));
    std::string why;
    (*first)->on_end([&](const Error& error) { why = error.message; });
    // A user who calls a program like the device takes nothing.
    auto other = co_await Client::connect({.port = at.port}, user("mon-1"));
    auto second = co_await Client::connect({.port = at.port}, device("mon-1"));
    EXPECT_TRUE(co_await comes([&] { return !why.empty(); }));
    EXPECT_NE(why.find("taken_over"), std::string::npos) << why;
    EXPECT_TRUE((*other)->is_open() && (*second)->is_open());
  }(gate));
}

TEST(Server, KeepsOneOwnerInATakeoverStorm) {
  Gate gate;
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    int running = 8;
    const auto storm = [](Gate& target, int& left) -> asio::awaitable<void> {
      for (int i = 0; i < 40; ++i) {
        auto client = co_await Client::connect({.port = target.port}, device("mon-1"));
        if (client) co_await (*client)->subscribe({{"devices/mon-1/#", 1}});
        if (client && i % 2 == 0) (*client)->close();
      }
      --left;
    };
    for (int i = 0; i < 8; ++i) asio::co_spawn(co_await asio::this_coro::executor, storm(at, running), asio::detached);
    EXPECT_TRUE(co_await comes([&] { return running == 0; }));
    auto last = co_await Client::connect({.port = at.port}, device("mon-1"));
    EXPECT_TRUE(co_await comes([&] { return at.server.counters().connections == 1; }));
    EXPECT_TRUE((*last)->is_open());
  }(gate));
}

TEST(Server, PublishesTheWillOfThoseWhoVanish) {
  for (const bool graceful : {true, false}) {
    Gate gate;
    asio::io_context context;
    run(context, [](Gate& at, bool goodbye) -> asio::awaitable<void> {
      auto watcher = co_await Client::connect({.port = at.port}, user("w"));
      std::string seen;
      (*watcher)->on_message([&](const Publish& m) { seen = m.payload; });
      co_await (*watcher)->subscribe({{"devices/mon-1/state", 1}});
      ClientOptions options = device("mon-1");
      options.will = ClientWill{"devices/mon-1/state", "gone", 1};
      auto client = co_await Client::connect({.port = at.port}, options);
      if (goodbye) {
        co_await (*client)->disconnect();
        EXPECT_TRUE(co_await comes([&] { return at.intake.noted("went mon-1 success"); }));
      } else {
        (*client)->close();
        EXPECT_TRUE(co_await comes([&] { return seen == "gone"; }));
      }
    }(gate, graceful));
    EXPECT_EQ(gate.intake.count(), graceful ? 0U : 1U);
  }
}

TEST(Server, EndsSessionsWhoseRightsAreGone) {
  for (const bool removed : {true, false}) {
    Gate gate;
    asio::io_context context;
    run(context, [](Gate& at, bool whole) -> asio::awaitable<void> {
      auto client = co_await Client::connect({.port = at.port}, user("s"));
      std::string why;
      (*client)->on_end([&](const Error& error) { why = error.message; });
      co_await (*client)->subscribe({{"devices/#", 1}});
      whole ? at.authority.remove("ward") : at.authority.revoke("ward");
      EXPECT_TRUE(co_await comes([&] { return !why.empty(); }));
      EXPECT_NE(why.find(whole ? "administrative_action" : "not_authorized"), std::string::npos) << why;
    }(gate, removed));
  }
}

TEST(Server, RefusesMoreConnectionsThanItsLimit) {
  Gate gate{Limits{.connections_max = 1}};
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    auto first = co_await Client::connect({.port = at.port}, device("mon-1"));
    for (const Version version : {Version::v311, Version::v5}) {
      const auto second = co_await Client::connect({.port = at.port}, device("mon-2", version));
      EXPECT_FALSE(second.has_value());
      if (!second) EXPECT_EQ(second.error().code, ErrorCode::unavailable) << second.error().message;
    }
    EXPECT_TRUE((*first)->is_open());
  }(gate));
}

TEST(Server, DropsForSlowSubscribersAndEndsThoseWhoCannotMissAnything) {
  for (const std::uint8_t qos : {0, 1}) {
    Gate gate{Limits{.outgoing_bytes_max = 64 * 1024}};
    asio::io_context context;
    run(context, [](Gate& at, std::uint8_t level) -> asio::awaitable<void> {
      // Subscribes, and then never reads again.
      asio::ip::tcp::socket deaf{co_await asio::this_coro::executor};
      co_await deaf.async_connect({asio::ip::address_v4::loopback(), at.port}, asio::use_awaitable);
      std::string hello;
      encode(hello, Connect{.client_id = "deaf", .user_name = "ward", .password = "token"});
      encode(hello, Subscribe{.packet_id = 1, .filters = {{.text = "devices/#", .qos = level}}}, Version::v311);
      deaf.write_some(asio::buffer(hello));
      auto sender = co_await Client::connect({.port = at.port}, device("mon-1"));
      const std::string body(10'000, 'x');
      const auto enough = [&] {
        const auto counted = at.server.counters();
        return level == 0 ? counted.dropped > 0 : counted.slow_subscribers > 0;
      };
      for (int i = 0; i < 100'000 && !enough(); ++i) {
        co_await (*sender)->room();
        (*sender)->publish("devices/mon-1/telemetry", body, 1);
      }
      EXPECT_TRUE(enough());
      EXPECT_TRUE((*sender)->is_open());
      const std::uint64_t left = level == 0 ? 2 : 1;  // whoever may miss something stays
      EXPECT_TRUE(co_await comes([&] { return at.server.counters().connections == left; }));
    }(gate, qos));
  }
}

TEST(Server, TellsClientsThatItStops) {
  Gate gate;
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    auto client = co_await Client::connect({.port = at.port}, device("mon-1"));
    std::string why;
    (*client)->on_end([&](const Error& error) { why = error.message; });
    std::thread stopping{[&] { at.server.stop(seconds{10}); }};
    EXPECT_TRUE(co_await comes([&] { return !why.empty(); }));
    stopping.join();
    EXPECT_NE(why.find("shutting_down"), std::string::npos) << why;
    EXPECT_EQ(at.server.counters().connections, 0U);
  }(gate));
}

TEST(Server, ClosesTheSilent) {
  Gate gate;
  asio::io_context context;
  run(context, [](Gate& at) -> asio::awaitable<void> {
    ClientOptions options = device("mon-1");
    options.keep_alive_s = 1;
    auto lively = co_await Client::connect({.port = at.port}, options);
    asio::ip::tcp::socket silent{co_await asio::this_coro::executor};
    co_await silent.async_connect({asio::ip::address_v4::loopback(), at.port}, asio::use_awaitable);
    std::string hello;
    encode(
        hello,
        Connect{.version = Version::v5, .keep_alive_s = 1, .client_id = "s", .user_name = "ward", .password = "token"});
    silent.write_some(asio::buffer(hello + "\x30\x7f"));  // and the start of a packet that never ends
    std::string heard(200, '\0');
    std::size_t size = 0;
    for (boost::system::error_code end; !end;)
      size += co_await silent.async_read_some(asio::buffer(heard.data() + size, heard.size() - size),
                                              asio::redirect_error(asio::use_awaitable, end));
    EXPECT_EQ(to_hex(ByteView{heard}.substr(size - 3, 3)), "e0018d");  // DISCONNECT keep alive timeout
    EXPECT_TRUE((*lively)->is_open());
  }(gate));
}

TEST(RateLimit, LetsABurstThroughAndThenTheRate) {
  const Time start = time_from_ns(1'000'000'000'000);
  RateLimit limit{100, 10, start};
  limit.spend(9, start);
  EXPECT_EQ(limit.wait(start).count(), 0);
  limit.spend(2, start);
  EXPECT_EQ(limit.wait(start), milliseconds{10});
  EXPECT_EQ(limit.wait(start + milliseconds{10}).count(), 0);
  limit.spend(10, start + seconds{60});  // never more than one burst is saved up
  EXPECT_EQ(limit.wait(start + seconds{60}).count(), 0);
  RateLimit off{0, 0, start};
  off.spend(1'000'000, start);
  EXPECT_EQ(off.wait(start).count(), 0);
}

TEST(PacketIds, NeverGivesOneTwice) {
  PacketIds ids{3};
  EXPECT_EQ(ids.take(), 1);
  EXPECT_EQ(ids.take(), 2);
  EXPECT_EQ(ids.take(), 3);
  EXPECT_EQ(ids.take(), std::nullopt);
  EXPECT_TRUE(ids.give_back(2));
  EXPECT_FALSE(ids.give_back(2));
  EXPECT_FALSE(ids.give_back(0));
  EXPECT_FALSE(ids.give_back(4));
  EXPECT_EQ(ids.take(), 2);
}

TEST(Done, IsCalledOnceEvenWhenForgotten) {
  std::vector<std::string> calls;
  const auto note = [&calls](Result<void> outcome) { calls.emplace_back(outcome ? "ok" : name(outcome.error().code)); };
  {
    Done done{note};
    Done moved = std::move(done);
    EXPECT_FALSE(static_cast<bool>(done));  // NOLINT(bugprone-use-after-move): what moving leaves
    moved({});
    Done forgotten{note};
  }
  EXPECT_EQ(calls, (std::vector<std::string>{"ok", "cancelled"}));
}

}  // namespace
}  // namespace salus::mqtt::testing
