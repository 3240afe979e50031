"""The Lua scripts of the stores in Valkey: each is one port method, and runs alone.

A script touches the one key that it is given, so it runs in a cluster as on one server. Time is
an argument: what a row says decides, and the server's own clock only ever sweeps. A key is swept
some time after nobody can need it any more, since the clocks of several machines differ.

Instants and durations are whole microseconds, exact as the doubles that Lua has until the year
2255; ``%.0f`` writes them without an exponent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

SWEPT_AFTER_MS = 5 * 60 * 1000
"""How much longer than needed a key stays: more than the clocks of two machines differ by."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the name that servers give it.

    Attributes:
        sha: SHA-1 of the text in hexadecimal, as EVALSHA wants it; nothing rests on it.
    """

    text: str = field(repr=False)
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


# What may be absent comes as "" where it is, else as its value behind "=".
_OPTIONAL = """
local function write_optional(field, written)
  if written == '' then
    redis.call('HDEL', KEYS[1], field)
  else
    redis.call('HSET', KEYS[1], field, string.sub(written, 2))
  end
end
"""

# secret_hash, record, private, node, tries, once, expires_at, milliseconds to stay
ADD = Script(
    _OPTIONAL
    + """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local tries = tonumber(ARGV[5])
if ARGV[6] == '1' then tries = math.min(tries, 1) end
redis.call('HSET', KEYS[1], 'step', '0', 'secret_hash', ARGV[1], 'record', ARGV[2],
  'node', ARGV[4], 'used', '0', 'tries', tries, 'expires_at', ARGV[7])
write_optional('private', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
return 1
"""
)

# step, secret_hash, now. A hash of 32 random bytes is compared: how long that takes tells nothing
# of the bytes.
CLAIM = Script("""
local row = redis.call('HMGET', KEYS[1], 'step', 'secret_hash', 'outcome', 'expires_at', 'used',
  'tries', 'record', 'private', 'node')
if row[1] ~= ARGV[1] or row[2] ~= ARGV[2] or row[3] then return false end
if tonumber(row[4]) <= tonumber(ARGV[3]) then return false end
if tonumber(row[5]) >= tonumber(row[6]) then return false end
local used = redis.call('HINCRBY', KEYS[1], 'used', 1)
return {row[7], row[8], row[9], used, row[6]}
""")

# step
RELEASE = Script("""
local row = redis.call('HMGET', KEYS[1], 'step', 'outcome', 'used')
if row[1] == ARGV[1] and not row[2] and tonumber(row[3]) > 0 then
  redis.call('HINCRBY', KEYS[1], 'used', -1)
end
return 1
""")

# step, secret_hash, record, private, node, tries, once, expires_at, outcome. The time that the
# key has left moves as the instant of expiry does, for this method is not told what time it is.
SETTLE = Script(
    _OPTIONAL
    + """
local row = redis.call('HMGET', KEYS[1], 'step', 'outcome', 'node', 'used', 'expires_at')
if row[1] ~= ARGV[1] or row[2] then return 0 end
local used = tonumber(row[4])
if row[3] ~= ARGV[5] then
  redis.call('HSET', KEYS[1], 'used:' .. row[3], used)
  used = tonumber(redis.call('HGET', KEYS[1], 'used:' .. ARGV[5]) or '0')
end
local tries = tonumber(ARGV[6])
if ARGV[7] == '1' then tries = math.min(tries, used + 1) end
local longer = math.ceil((tonumber(ARGV[8]) - tonumber(row[5])) / 1000)
redis.call('HSET', KEYS[1], 'step', tonumber(row[1]) + 1, 'secret_hash', ARGV[2],
  'record', ARGV[3], 'node', ARGV[5], 'used', used, 'tries', tries, 'expires_at', ARGV[8])
write_optional('private', ARGV[9] == '' and ARGV[4] or '')
write_optional('outcome', ARGV[9])
local left = redis.call('PTTL', KEYS[1])
if left >= 0 then
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(left + longer, 1)))
end
return 1
"""
)

# kept_since
PEEK = Script("""
local row = redis.call('HMGET', KEYS[1], 'step', 'secret_hash', 'outcome', 'expires_at', 'tries',
  'used')
if not row[1] or tonumber(row[4]) <= tonumber(ARGV[1]) then return false end
local left = math.max(tonumber(row[5]) - tonumber(row[6]), 0)
return {row[1], row[2], row[3] and 1 or 0, row[4], left}
""")

_COUNT = f"""
local now, quiet, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local threshold = tonumber(ARGV[4])
local row = redis.call('HMGET', KEYS[1], 'failures', 'last_try', 'locked_until', 'serial',
  'kept_until', 'pending')
local failures, last_try = tonumber(row[1] or '0'), tonumber(row[2] or '0')
local locked_until, serial = tonumber(row[3] or '0'), tonumber(row[4] or '0')
local kept_until, pending = tonumber(row[5] or '0'), row[6] or ''
if last_try <= now - quiet then failures = 0 end

local function text(number) return string.format('%.0f', number) end

local function write(waiting)
  redis.call('HSET', KEYS[1], 'failures', text(failures), 'last_try', text(math.max(last_try, now)),
    'locked_until', text(locked_until), 'serial', text(serial), 'kept_until', text(kept_until),
    'pending', table.concat(waiting, ' '))
  local left = math.ceil((kept_until - now) / 1000) + {SWEPT_AFTER_MS}
  redis.call('PEXPIRE', KEYS[1], text(left))
end
"""

# now, quiet, keep, threshold, life of a reservation. Gives {number} or {locked_until, ''} or {}.
TRY = Script(
    _COUNT
    + """
if locked_until > now then return {text(locked_until), ''} end
local waiting = {}
for number in string.gmatch(pending, '%S+') do
  if tonumber(number) > now - tonumber(ARGV[5]) then waiting[#waiting + 1] = number end
end
if #waiting >= math.max(threshold - failures, 1) then return {} end
serial = math.max(serial + 1, now)
waiting[#waiting + 1] = text(serial)
kept_until = math.max(kept_until, serial + keep)
write(waiting)
return {text(serial)}
"""
)

_OTHERS = """
local function others(pending, number)
  local kept = {}
  for other in string.gmatch(pending, '%S+') do
    if other ~= number then kept[#kept + 1] = other end
  end
  return kept
end
"""

# now, quiet, keep, threshold, reservation, first_lock, longest_lock, doublings
WRONG = Script(
    _COUNT
    + _OTHERS
    + """
failures = failures + 1
local over, lock = failures - threshold, 0
if over >= 0 then
  lock = over < tonumber(ARGV[8]) and tonumber(ARGV[6]) * 2 ^ over or tonumber(ARGV[7])
end
if lock > 0 then locked_until = math.max(locked_until, now + lock) end
serial = math.max(serial, tonumber(ARGV[5]))
kept_until = math.max(kept_until, math.max(now, serial) + keep, locked_until)
write(others(pending, ARGV[5]))
return 1
"""
)

# reservation
GIVE_BACK = Script(
    _OTHERS
    + """
local pending = redis.call('HGET', KEYS[1], 'pending')
if pending then
  redis.call('HSET', KEYS[1], 'pending', table.concat(others(pending, ARGV[1]), ' '))
end
return 1
"""
)

CLEAR = Script("""
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], 'failures', '0', 'locked_until', '0')
end
return 1
""")

# until, now, milliseconds to stay
SPEND = Script("""
local burnt_until = redis.call('GET', KEYS[1])
if burnt_until and tonumber(burnt_until) > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
""")
