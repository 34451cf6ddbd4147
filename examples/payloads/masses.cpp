// A payload of kind stream: the invariant mass of two muons. Each line of the input is an event: px py pz E, twice, in GeV.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "noctua_payload.hpp"

namespace {

std::vector<std::string> readLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can't read " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

double massOf(std::int64_t number, const std::string& line) {
  double px1, py1, pz1, e1, px2, py2, pz2, e2;
  std::istringstream words(line);
  if (!(words >> px1 >> py1 >> pz1 >> e1 >> px2 >> py2 >> pz2 >> e2)) {
    throw noctua::RangeFailed(noctua::FailureClass::event,
                              "event " + std::to_string(number) + ": expected eight numbers, found " + line);
  }
  const double px = px1 + px2, py = py1 + py2, pz = pz1 + pz2, energy = e1 + e2;
  return std::sqrt(std::max(0.0, energy * energy - px * px - py * py - pz * pz));
}

}  // namespace

int main() {
  noctua::Payload payload;
  std::map<std::string, std::vector<std::string>> eventsOf;  // of each input, read once; the job says one slot
  payload.run([&](noctua::EventRange& range) {
    auto found = eventsOf.find(range.input);
    if (found == eventsOf.end()) found = eventsOf.emplace(range.input, readLines(range.input)).first;
    std::ofstream output(range.output);
    output << std::fixed << std::setprecision(3);
    for (auto number = range.first; number <= range.last; ++number) {
      output << number << ' ' << massOf(number, found->second.at(static_cast<std::size_t>(number - 1))) << '\n';
    }
    output.close();
    if (!output) throw std::runtime_error("can't write " + range.output);
  });
}
