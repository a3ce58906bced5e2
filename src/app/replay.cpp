#include "app/replay.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "base/text.hpp"
#include "sim/bidmc.hpp"
#include "sim/edf.hpp"
#include "sim/player.hpp"
#include "sim/wfdb.hpp"

namespace salus::app {

namespace asio = boost::asio;
namespace {

// "…/101", "…/101.hea" (WFDB), "….edf" or "…/bidmc_01", "…/bidmc_01_Numerics.csv".
Result<sim::Recording> read_recording(std::string path) {
  if (path.ends_with(".edf")) return sim::read_edf(path);
  for (const char* ending : {".hea", ".dat", "_Numerics.csv"})
    if (path.ends_with(ending)) path.resize(path.size() - std::string_view(ending).size());
  if (std::filesystem::exists(path + ".hea")) return sim::read_wfdb(path);
  if (std::filesystem::exists(path + "_Numerics.csv")) return sim::read_bidmc(path);
  return fail(ErrorCode::not_found, "There is neither '{}.hea' nor '{}_Numerics.csv'.", path, path);
}

struct Playing {
  sim::Recording recording;
  std::unique_ptr<sim::Publisher> publisher;
  std::string device;
  Result<void> outcome;
};

// `playing` outlives the io_context that runs this (replay_command).
asio::awaitable<void> play_one(Playing& playing, sim::PlayOptions options) {
  playing.outcome = co_await playing.publisher->open();
  if (playing.outcome) playing.outcome = co_await sim::play(playing.recording, *playing.publisher, options);
  if (playing.outcome) co_await playing.publisher->close();
}

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 2;
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  const auto server = server_of(options);
  if (!server) return refuse(server.error());
  sim::PlayOptions play{.speed = options.speed, .loop = options.loop, .start = SystemClock{}.now()};
  if (options.seconds > 0) play.limit_ns = static_cast<std::int64_t>(options.seconds * 1e9);
  if (!options.start.empty()) {
    const auto start = parse_iso(options.start);
    if (!start) return refuse(start.error());
    play.start = *start;
  }
  std::vector<std::unique_ptr<Playing>> all;
  for (const std::string& path : options.records) {
    auto recording = read_recording(path);
    if (!recording) return refuse(recording.error());
    // At full speed the recording must not run ahead of the clock: device times in the future are not believed.
    if (options.start.empty() && options.speed != 1)
      play.start =
          std::min(play.start, SystemClock{}.now() - nanoseconds{std::min(recording->duration_ns(), play.limit_ns)});
    auto playing = std::make_unique<Playing>();
    playing->device = options.prefix + recording->name;
    if (!is_device_id(playing->device))
      return refuse(
          {ErrorCode::invalid, fmt::format("'{}' cannot be a device id; set another --prefix.", playing->device)});
    std::string key = options.key;
    if (!options.api.empty()) {
      const std::string& name = recording->name;
      auto made = register_device(options, {.id = playing->device,
                                            .name = "Recording " + name,
                                            .model = "salus replay",
                                            .bed = name,
                                            .ward = "Replay",
                                            .patient_id = "REC-" + name,
                                            .label = name});
      if (!made) return refuse(made.error());
      key = std::move(*made);
    }
    playing->publisher = std::make_unique<sim::Publisher>(
        sim::PublisherOptions{.server = *server, .device = playing->device, .key = key, .window = options.window});
    playing->recording = std::move(*recording);
    all.push_back(std::move(playing));
  }
  if (all.empty())
    return refuse({ErrorCode::invalid, "Name at least one record, such as mitdb/101 or bidmc/bidmc_01."});
  asio::io_context io{1};
  for (const auto& playing : all) asio::co_spawn(io, play_one(*playing, play), [](const std::exception_ptr&) {});
  io.run();
  int worst = 0;
  for (const auto& playing : all) {
    if (!playing->outcome) worst = refuse(playing->outcome.error());
    fmt::print("{}: {} messages acknowledged, from {}\n", playing->device, playing->publisher->acknowledged(),
               to_iso(play.start));
  }
  return worst;
}

}  // namespace salus::app
