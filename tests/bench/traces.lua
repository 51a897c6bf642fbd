-- For wrk: posts the bodies of a directory of bench-bodies in turn (wrk ... -s traces.lua URL -- DIRECTORY).
-- Requests are put together beforehand, so that the load costs as little as it can.

local requests = {}
local next = 0

function init(args)
    wrk.headers["Content-Type"] = "application/json"
    while true do
        local file = io.open(string.format("%s/%04d.json", args[1], #requests + 1), "rb")
        if not file then
            break
        end
        requests[#requests + 1] = wrk.format("POST", "/v1/traces", nil, file:read("*a"))
        file:close()
    end
    assert(#requests > 0, "no bodies in " .. args[1])
end

function request()
    next = next % #requests + 1
    return requests[next]
end

-- One line that a script can read.
function done(summary, latency, calls)
    local errors = summary.errors
    io.write(string.format("requests=%d seconds=%.3f requests_per_second=%.0f p99_us=%.0f not_2xx=%d failed=%d\n",
        summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
        latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
