// Reads WFDB annotation files in the MIT format (https://physionet.org/physiotools/wag/annot-5.htm): what an annotator
// said at which sample.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace salus::sim {

struct WfdbAnnotation {
  std::int64_t sample = 0;  // 0 or more, not descending
  std::uint8_t type = 0;    // 1 to 49, as ecgcodes.h of WFDB numbers them
};

struct WfdbAnnotationLimits {
  static constexpr std::size_t bytes_max = 64 << 20;
  static constexpr std::int64_t sample_max = std::int64_t{1} << 40;
};

// Types that the ward speaks of.
inline constexpr std::uint8_t wfdb_paced_beat = 12, wfdb_flutter_wave = 31, wfdb_flutter_begins = 32,
                              wfdb_flutter_ends = 33;

// Whether the annotation marks a QRS complex (of any kind, paced and unclassifiable ones included).
bool is_beat(const WfdbAnnotation& annotation);

// Extra fields (subtype, channel, number, text) are passed over. Errors: invalid, saying at which byte; too_large.
Result<std::vector<WfdbAnnotation>> parse_wfdb_annotations(std::string_view bytes);
// `record` is the path without extension; reads `record`.atr. Errors: also not_found, unavailable.
Result<std::vector<WfdbAnnotation>> read_wfdb_annotations(const std::filesystem::path& record);

}  // namespace salus::sim
