// The patients of a ward that does not exist.
#include <random>

#include "sim/patient.hpp"

namespace salus::sim {

PatientProfile healthy_patient(std::size_t number) {
  std::mt19937_64 random{number + 1};
  const auto between = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random() % 10'000) / 10'000;
  };
  PatientProfile made;
  made.heart_rate = between(60, 92);
  made.spo2 = between(96, 99);
  made.respiration = between(13, 18);
  made.systolic = between(112, 138);
  made.diastolic = made.systolic - between(42, 54);
  made.temperature = between(36.3, 37.4);
  made.arterial_line = number % 4 == 1;
  return made;
}

std::vector<PatientProfile> demo_ward() {
  std::vector<PatientProfile> ward;
  for (std::size_t i = 0; i < 16; ++i) ward.push_back(healthy_patient(i));
  const auto happens = [&](std::size_t bed, const char* scenario, int after_s) {
    ward[bed - 1].scenario = scenario;
    ward[bed - 1].delay = seconds{after_s};
  };
  happens(3, "desaturation", 0);
  happens(5, "tachycardia", 0);
  happens(6, "bradycardia", 90);
  happens(7, "fever", 0);
  happens(9, "probe-off", 150);
  happens(10, "fibrillation", 210);
  happens(12, "lead-off", 330);
  happens(14, "sepsis", 420);
  happens(15, "network", 540);
  return ward;
}

}  // namespace salus::sim
