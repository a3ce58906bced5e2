// Real FHIR data beside the checkout, for tests and benches; what is missing is skipped by them with a notice.
#pragma once

#include <bzlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace salus::fhir {

inline std::filesystem::path data_folder() {
  return std::filesystem::path(SALUS_SOURCE_DIR).parent_path() / "shared/data/fhir";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Empty when it is no bzip2 file.
inline std::string read_bz2(const std::filesystem::path& path) {
  std::string out;
  BZFILE* file = BZ2_bzopen(path.c_str(), "rb");
  if (file == nullptr) return out;
  std::string part(1 << 18, '\0');
  for (int got; (got = BZ2_bzread(file, part.data(), static_cast<int>(part.size()))) > 0;)
    out.append(part, 0, static_cast<std::size_t>(got));
  BZ2_bzclose(file);
  return out;
}

inline std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator{folder, ec}) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace salus::fhir
