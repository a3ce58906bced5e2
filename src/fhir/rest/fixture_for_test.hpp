// The FHIR gate over a real log and real tables, asked without a socket. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <future>

#include "base/json.hpp"
#include "fhir/document/json.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/subscriptions/hub.hpp"
#include "http/target.hpp"
#include "log/local_log.hpp"
#include "log/simulated_disk.hpp"

namespace salus::fhir {

// Everyone who says who they are may do everything.
class OpenAuthority final : public guard::Authority {
 public:
  Result<guard::Caller> sign_in(const guard::Credentials&) override { return fail(ErrorCode::unauthenticated, "no"); }
  Result<guard::Caller> bearer(std::string_view token) override {
    if (token.empty()) return fail(ErrorCode::unauthenticated, "The token is absent.");
    return guard::Caller{.kind = guard::Caller::Kind::user, .id = std::string(token), .roles = {}, .token_id = {}};
  }
  Result<void> permit(const guard::Caller&, guard::Action, std::string_view) override { return {}; }
  std::uint64_t revision() const override { return 1; }
  bool still_valid(const guard::Caller&) override { return true; }
};

class NoAudit final : public guard::Audit {
 public:
  void record(guard::AuditEvent) override {}
};

// Structure is always checked; the rest as a hospital wants it.
inline validation::Options structure_alone() {
  validation::Options options;
  options.bindings = options.references = options.invariants = options.profiles = validation::Check::off;
  return options;
}

class RestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("salus-fhir-" + std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    start();
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }
  void start() {
    log::LocalLogOptions options;
    options.store = {.partition = "records", .segment_bytes = 16 << 20};
    options.gather_max = milliseconds{0};
    log_ = std::move(*log::LocalLog::open(disk_, clock_, options));
    view_ = std::make_unique<Records>();
    view::HostOptions host_options;
    host_options.directory = directory_;
    host_options.partition = "records";
    subscriptions_ = std::make_unique<Subscriptions>(*view_);
    auto host = view::Host::open(host_options, *log_, clock_, {view_.get(), subscriptions_.get()});
    ASSERT_TRUE(host) << host.error().message;
    host_ = std::move(*host);
    host_->share(*view_);
    host_->share(*subscriptions_);
    store_ = std::make_unique<RecordStore>(*host_, *view_, log_->bodies());
    context_ = std::make_unique<RestContext>(RestContext{*store_, audit_, clock_,
                                                         [this] { return fmt::format("made-{}", ++ids_); },
                                                         "key of the seals", "test", structure_alone()});
    subscription_store_ = std::make_unique<SubscriptionStore>(*host_, *subscriptions_, *store_);
    hub_ = std::make_unique<SubscriptionHub>(*subscription_store_, authority_, clock_, io_.get_executor());
    context_->subscriptions = subscription_store_.get();
    context_->hub = hub_.get();
    router_ = std::make_unique<http::Router>(&authority_);
    add_fhir(*router_, *context_);
  }
  void stop() {
    router_.reset();
    hub_.reset();
    subscription_store_.reset();
    store_.reset();
    host_.reset();
    log_.reset();
  }

  http::Response ask(http::Method method, const std::string& target, std::string body = {}, http::Fields headers = {}) {
    auto parsed = http::parse_target(target);
    EXPECT_TRUE(parsed) << target;
    headers.emplace_back("host", "salus.test");
    headers.emplace_back("authorization", "Bearer clinician");
    http::Request request{.method = method,
                          .target = target,
                          .segments = parsed->segments,
                          .params = {},
                          .queries = parsed->queries,
                          .headers = std::move(headers),
                          .body = std::move(body),
                          .peer = "::1",
                          .caller = {}};
    http::Response response;
    asio::io_context io;
    asio::co_spawn(io, router_->answer(request), [&](const std::exception_ptr& thrown, http::Response answered) {
      EXPECT_FALSE(thrown);
      response = std::move(answered);
    });
    io.run();
    return response;
  }
  http::Response get(const std::string& target, http::Fields headers = {}) {
    return ask(http::Method::get, target, {}, std::move(headers));
  }
  http::Response post(const std::string& target, std::string body, http::Fields headers = {}) {
    return ask(http::Method::post, target, std::move(body), std::move(headers));
  }
  http::Response put(const std::string& target, std::string body, http::Fields headers = {}) {
    return ask(http::Method::put, target, std::move(body), std::move(headers));
  }

  static std::string text(const http::Response& response) { return std::get<std::string>(response.body); }
  static json::value parsed(const http::Response& response) {
    auto value = parse_json(text(response));
    EXPECT_TRUE(value) << text(response);
    return value ? *value : json::value{};
  }

  std::filesystem::path directory_;
  log::SimulatedDisk disk_{1};
  ManualClock clock_{parse_iso("2026-03-01T08:00:00Z").value()};
  OpenAuthority authority_;
  NoAudit audit_;
  int ids_ = 0;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<Records> view_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<view::Host> host_;
  std::unique_ptr<RecordStore> store_;
  asio::io_context io_;
  std::unique_ptr<SubscriptionStore> subscription_store_;
  std::unique_ptr<SubscriptionHub> hub_;
  std::unique_ptr<RestContext> context_;
  std::unique_ptr<http::Router> router_;
};

}  // namespace salus::fhir
