-- Load for the memory figure: every host sends one beat, then it begins again, until wrk is ended.
-- Argument: the number of hosts. wrk asks for one request before it starts (to look at it), which is
-- never sent: that is number 0, and it comes round at the end.

require("report")

local hosts
local n = -1
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  hosts = tonumber(args[1])
end

function request()
  n = (n + 1) % hosts
  local body = string.format(
    '{"name":"host-%07d","ip":"10.%d.%d.%d","battery":%d,"charging":false,"version":"2.1"}',
    n, math.floor(n / 65536), math.floor(n / 256) % 256, n % 256, n % 101)
  return wrk.format("POST", "/heartbeat", headers, body)
end
