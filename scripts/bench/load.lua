-- Load for the rates: as many beats as hosts are made once, then sent in turn.
-- Argument: the number of hosts. What `done` prints is read by harness.ts.

require("report")

local requests = {}
local n = 0

function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for i = 1, tonumber(args[1]) do
    local body = string.format(
      '{"name":"host-%07d","ip":"10.0.%d.%d","battery":%d,"charging":false,"version":"2.1"}',
      i, math.floor(i / 256) % 256, i % 256, i % 101)
    requests[i] = wrk.format("POST", "/heartbeat", headers, body)
  end
end

function request()
  n = n % #requests + 1
  return requests[n]
end
