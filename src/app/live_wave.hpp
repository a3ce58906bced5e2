// The binary wave frames of docs/formats/live-feed.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "device/waveform_frame.hpp"

namespace salus::app {

// One frame per stretch without a gap. Integers that do not fit 16 bits are scaled down: the screen has fewer pixels.
std::vector<std::string> live_wave_frames(std::string_view device, std::string_view alias, std::int64_t time_ns,
                                          const series::Period& period, const device::WaveChannel& channel,
                                          bool provisional);

}  // namespace salus::app
