// The built console, held in memory: read once at start, so that no request touches the file system and no path can
// leave the folder. Text is also kept gzipped.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "http/message.hpp"

namespace salus::http {

struct SiteLimits {
  std::size_t bytes_max = 64 << 20;  // of all files
  std::size_t files_max = 4096;
};

// Lifetime: outlives the router that uses it. Threads: any, immutable.
class StaticSite {
 public:
  // Reads every regular file below `folder`; links are not followed.
  // Errors: not_found, when there is no folder; too_large, over a limit; damaged, when a file cannot be read.
  static Result<StaticSite> load(const std::filesystem::path& folder, SiteLimits limits = {});

  // For GET and HEAD: the file; 304 when the client has it; index.html where a browser asks for a page of the console
  // that is no file (it routes by itself); 404 otherwise.
  Response answer(const Request& request) const;

  std::size_t file_count() const { return files_.size(); }

 private:
  using Shared = std::shared_ptr<const std::string>;
  struct File {
    std::string type;
    std::string tag;  // strong: the content's digest
    Shared plain;
    Shared packed;           // null where packing gains nothing
    bool immutable = false;  // below assets/, where names carry a digest of their content
  };
  static Result<File> read(const std::filesystem::path& path, const std::string& name, std::size_t bytes);
  const File* find(const Request& request) const;

  std::map<std::string, File, std::less<>> files_;  // by path below the folder, with '/'
};

}  // namespace salus::http
