-- One line for harness.ts: answers, seconds, and answers and connections that failed.

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("load %d %.6f %d\n", summary.requests, summary.duration / 1e6,
    e.connect + e.read + e.write + e.timeout + e.status))
end
