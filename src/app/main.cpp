// The command line.
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "app/demo.hpp"
#include "app/export.hpp"
#include "app/fhirpath.hpp"
#include "app/import.hpp"
#include "app/offline.hpp"
#include "app/replay.hpp"
#include "app/sim.hpp"
#include "app/validate.hpp"
#include "app/version.hpp"
#include "base/logging.hpp"

namespace {

using namespace salus;
using namespace salus::app;

namespace fs = std::filesystem;

struct Common {
  std::string config, data, listen, ready_file;
  std::int64_t port_base = 0;
};

int refuse(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 2;
}

Result<Settings> settings_of(const Common& common) {
  auto settings = load_settings(common.config);
  if (!settings) return settings;
  if (!common.data.empty()) settings->data = common.data;
  if (!common.listen.empty()) {
    settings->https = common.listen + ":443";
    settings->mqtts = common.listen + ":8883";
  }
  if (common.port_base != 0)
    if (auto moved = use_port_base(*settings, common.port_base); !moved) return fail(moved.error());
  return settings;
}

// The console lies beside the program: build/salus and console/dist, or /usr/bin/salus and /usr/share/salus/console.
std::string console_folder(const Settings& settings) {
  if (!settings.console.empty()) return settings.console;
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec).parent_path();
  for (const fs::path& at : {program / "../console/dist", program / "../share/salus/console"})
    if (fs::exists(at / "index.html")) return fs::canonical(at, ec).string();
  return (program / "../console/dist").string();
}

// Blocks the signals in every thread that starts later; wait() then takes them in turn.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  // False when none came in time.
  bool wait(milliseconds time) {
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }

 private:
  sigset_t set_{};
};

constexpr int restart_code = -1;  // never leaves the process

int serve(const Common& common, bool demo) {
  auto settings = settings_of(common);
  if (!settings) return refuse(settings.error());
  if (auto set = set_up_logging(settings->log_level); !set) return refuse(set.error());
  StopSignal stop;
  auto server = Server::start(*settings, console_folder(*settings));
  if (!server) return refuse(server.error());
  Demo patients{**server};
  if (demo) {
    if (auto started = patients.start(); !started) return refuse(started.error());
  }
  if (!common.ready_file.empty()) {
    if (auto written = (*server)->write_ready_file(common.ready_file); !written) return refuse(written.error());
  }
  const Addresses& at = (*server)->addresses();
  const std::string& shown = at.http.empty() ? at.https : at.http;
  if (!(*server)->core().is_recording())
    fmt::print(stderr, "NOTHING IS BEING RECORDED: {}\n", (*server)->core().not_recording_because());
  fmt::print("Salus {}{} is at {} (TLS: {}); sign in as admin with the password in {}\n", version,
             demo ? " with sixteen simulated patients" : "", shown, at.https, (*server)->password_file().string());
  std::fflush(stdout);
  while (!stop.wait(milliseconds{500}))
    if ((*server)->should_restart()) return restart_code;
  return 0;
}

void add_common(CLI::App& command, Common& common) {
  command.add_option("--config", common.config, "Settings file (salus.toml); `salus config` prints all settings");
  command.add_option("--data", common.data, "Directory of the log, the views and the keys");
  command.add_option("--port-base", common.port_base, "Moves every port: http N, https N+1, mqtt N+2, mqtts N+3");
  command.add_option("--listen", common.listen, "Serve the standard TLS ports (443, 8883) on this address");
  command.add_option("--ready-file", common.ready_file,
                     "Written once everything answers: addresses, an administrator's token, the CA");
}

void add_fleet(CLI::App& command, FleetOptions& fleet, std::string& ready) {
  command.add_option("--ready", ready,
                     "Ready file of the server: gives address, token and CA, and registers the devices");
  command.add_option("--server", fleet.server, "mqtts://host:port or mqtt://host:port");
  command.add_option("--api", fleet.api, "https://host:port, to register and bind the devices");
  command.add_option("--token", fleet.token, "Bearer token for the API");
  command.add_option("--ca", fleet.ca, "CA certificate of the server (DATA/tls/ca.pem)");
}

int print_config(const Common& common) {
  auto settings = settings_of(common);
  if (!settings) return refuse(settings.error());
  std::string section;
  for (const SettingRow& row : describe(*settings)) {
    const std::size_t dot = row.key.find('.');
    const std::string now = dot == std::string::npos ? "" : row.key.substr(0, dot);
    if (now != section) fmt::print("\n[{}]\n", section = now);
    fmt::print("{} = {}  # {}\n", dot == std::string::npos ? row.key : row.key.substr(dot + 1), row.value, row.meaning);
  }
  return 0;
}

// A demo keeps its data where its user can delete it.
std::string demo_directory() {
  const char* home = std::getenv("HOME");
  return (fs::path(home != nullptr ? home : "/tmp") / ".local/share/salus-demo").string();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Salus: a smart-hospital and Internet-of-Medical-Things platform on one log.\n"
      "It supports clinicians; it is not certified as a medical device."};
  app.require_subcommand(1);
  app.set_version_flag("--version", version);
  Common common;
  CatOptions cat;
  ProofOptions proof;
  ReplayOptions replay;
  SimOptions sim;
  ExportOptions exported;
  ImportOptions imported;
  bool list = false;
  ScoreOptions score;
  FhirPathOptions fhirpath;
  ValidateOptions validate;
  std::string folder, ready;
  int code = 0;
  const auto data = [&] { return DataDirectory{common.data.empty() ? Settings{}.data : common.data}; };

  CLI::App* serve_app = app.add_subcommand("serve", "Run the server");
  add_common(*serve_app, common);
  serve_app->callback([&] { code = serve(common, false); });

  CLI::App* demo_app = app.add_subcommand("demo", "Run the server with a ward of sixteen simulated patients");
  add_common(*demo_app, common);
  demo_app->callback([&] {
    if (common.data.empty()) common.data = demo_directory();
    code = serve(common, true);
  });

  CLI::App* replay_app = app.add_subcommand("replay", "Play recordings (WFDB, EDF+, BIDMC CSV) into a running server");
  replay_app->add_option("records", replay.records, "mitdb/101 bidmc/bidmc_01 (without extension), night.edf")
      ->required();
  add_fleet(*replay_app, replay, ready);
  replay_app->add_option("--key", replay.key, "Key of the devices, when they are registered already");
  replay_app->add_option("--speed", replay.speed, "Times real time; 0: as fast as the server takes it")
      ->check(CLI::NonNegativeNumber);
  replay_app->add_flag("--loop", replay.loop, "Again and again");
  replay_app->add_option("--start", replay.start,
                         "Device time of the beginning (RFC 3339); default now, or so that the end is now");
  replay_app->add_option("--seconds", replay.seconds, "Only the first seconds of each record")
      ->check(CLI::NonNegativeNumber);
  replay_app->add_option("--prefix", replay.prefix, "Before the record's name, to make the device's id");
  replay_app->add_option("--window", replay.window, "Unacknowledged messages of a device")->check(CLI::Range(1, 1000));
  replay_app->callback([&] {
    if (!ready.empty())
      if (auto read = read_ready_file(ready, replay); !read) return void(code = refuse(read.error()));
    code = replay_command(replay);
  });

  CLI::App* export_app = app.add_subcommand("export", "Write a device's stored waves as EDF+ or WFDB files");
  export_app->add_option("device", exported.device, "Device id")->required();
  export_app->add_option("file", exported.file, "File without extension")->required();
  export_app->add_option("--format", exported.format, "edf or wfdb")->check(CLI::IsMember({"edf", "wfdb"}));
  export_app->add_option("--codes", exported.codes, "Only these waves: ecg_ii pleth");
  export_app->add_option("--from", exported.from, "First instant (RFC 3339); default the first sample");
  export_app->add_option("--to", exported.to, "Instant after the last; default the last sample");
  add_fleet(*export_app, exported, ready);
  export_app->callback([&] {
    if (!ready.empty())
      if (auto read = read_ready_file(ready, exported); !read) return void(code = refuse(read.error()));
    code = export_command(exported);
  });

  CLI::App* import_app = app.add_subcommand("import", "Load FHIR files (Bundles, resources, NDJSON) into the record");
  import_app->add_option("paths", imported.paths, "Files, or folders of *.json, *.ndjson, *.xml, also *.bz2")
      ->required();
  import_app->add_option("--connections", imported.connections, "Requests at once")->check(CLI::Range(1, 32));
  add_fleet(*import_app, imported, ready);
  import_app->callback([&] {
    if (!ready.empty())
      if (auto read = read_ready_file(ready, imported); !read) return void(code = refuse(read.error()));
    code = import_command(imported);
  });

  CLI::App* sim_app = app.add_subcommand("sim", "Run simulated patients as devices of a running server");
  add_fleet(*sim_app, sim, ready);
  sim_app->add_option("--beds", sim.beds, "How many")->check(CLI::Range(1, 1000));
  sim_app->add_option("--scenario", sim.scenarios, "Name or file; several are dealt over the beds; default healthy");
  sim_app->add_flag("--list", list, "Print the scenarios that come with the program");
  sim_app->add_option("--seconds", sim.seconds, "End after so many")->check(CLI::NonNegativeNumber);
  sim_app->add_flag("--dense", sim.dense, "Three ECG leads at 500 Hz and an arterial line in every bed");
  sim_app->add_option("--prefix", sim.prefix, "Before a number, to make the device's id");
  sim_app->add_option("--ward", sim.ward, "Ward of the beds");
  sim_app->add_option("--threads", sim.threads, "Threads that simulate")->check(CLI::Range(1, 64));
  sim_app->callback([&] {
    if (list) return void(code = list_scenarios());
    if (!ready.empty())
      if (auto read = read_ready_file(ready, sim); !read) return void(code = refuse(read.error()));
    code = sim_command(sim);
  });

  CLI::App* score_app = app.add_subcommand("score", "Score what Salus finds in recordings against what experts marked");
  score_app->require_subcommand(1);
  CLI::App* score_ecg_app =
      score_app->add_subcommand("ecg", "Beats, as ANSI/AAMI EC57 counts them: sensitivity and positive predictivity");
  score_ecg_app->add_option("folder", score.folder, "Folder of WFDB records with .hea, .dat and .atr files")
      ->required();
  score_ecg_app->add_option("--records", score.records, "Only these records, paced ones included");
  score_ecg_app->add_option("--tolerance-ms", score.tolerance_ms, "How far a beat may lie from its mark")
      ->check(CLI::Range(1, 1000));
  score_ecg_app->callback([&] { code = score_ecg_command(score); });

  CLI::App* fhirpath_app = app.add_subcommand(
      "fhirpath",
      "Ask a FHIR R4 document; prints each result as a line `TYPE VALUE`, objects as JSON, trace() on standard error");
  fhirpath_app->add_option("expression", fhirpath.expression, "\"Patient.name.where(use = 'official').given\"")
      ->required();
  fhirpath_app->add_option("file", fhirpath.file, "JSON or XML; - for standard input")->required();
  fhirpath_app->add_flag("--check", fhirpath.check, "First refuse elements that the document's type cannot have");
  fhirpath_app->callback([&] { code = fhirpath_command(fhirpath); });

  CLI::App* validate_app = app.add_subcommand(
      "validate",
      "Check FHIR R4 documents; prints each finding as a line `FILE: SEVERITY KIND LOCATION: message [rule]`");
  validate_app->add_option("files", validate.files, "JSON or XML; - for standard input")->required();
  validate_app->add_option("--profile", validate.profiles,
                           "A StructureDefinition that documents of its type must conform to; as often as there are");
  validate_app->add_flag("--best-practices", validate.best_practices, "Also what FHIR calls best practice");
  validate_app->callback([&] { code = validate_command(validate); });

  CLI::App* verify_app = app.add_subcommand("verify", "Check every byte of the log and the views of a stopped server");
  verify_app->add_option("--data", common.data, "Data directory");
  verify_app->add_option(
      "--proof", proof.files,
      "Instead: check what $proof answered for a version of a resource; the pieces of a long one in order");
  verify_app->add_option("--head", proof.head, "With --proof: a hash of the log that is trusted, in hexadecimal");
  verify_app->callback([&] {
    if (proof.files.empty())
      code = verify_command(data());
    else
      code = verify_proof_command(proof, common.data.empty() ? std::nullopt : std::optional(data()));
  });

  CLI::App* log_app = app.add_subcommand("log", "Look into the log");
  log_app->require_subcommand(1);
  CLI::App* cat_app = log_app->add_subcommand("cat", "Print entries as JSON lines; works beside a running server");
  cat_app->add_option("--data", common.data, "Data directory");
  cat_app->add_option("--partition", cat.partition, "records, telemetry or audit");
  cat_app->add_option("--from", cat.from, "First offset");
  cat_app->add_option("--count", cat.count_max, "At most so many runs");
  cat_app->callback([&] { code = log_cat_command(data(), cat); });

  CLI::App* backup_app =
      app.add_subcommand("backup", "Copy the log and the keys of a stopped server; unchanged segments are kept");
  backup_app->add_option("--data", common.data, "Data directory");
  backup_app->add_option("target", folder, "Folder of the backup")->required();
  backup_app->callback([&] { code = backup_command(data(), folder); });

  CLI::App* restore_app = app.add_subcommand("restore", "Put a backup into an empty data directory and verify it");
  restore_app->add_option("--data", common.data, "Data directory");
  restore_app->add_option("source", folder, "Folder of the backup")->required();
  restore_app->callback([&] { code = restore_command(folder, data()); });

  CLI::App* config_app = app.add_subcommand("config", "Print every setting with its value and meaning, as salus.toml");
  add_common(*config_app, common);
  config_app->callback([&] { code = print_config(common); });

  CLI11_PARSE(app, argc, argv);
  if (code != restart_code) return code;
  // Everything is closed; the same program with the same arguments goes on.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::execv("/proc/self/exe", argv);
  return refuse({ErrorCode::unavailable, "Cannot start anew; start salus again."});
}
