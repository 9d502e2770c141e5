# What the scripts of the cases share. A line for the host is "@@ KEY VALUE"; everything else on the console is only
# kept for a look at failures.

export PATH=/bin
# The instance: its number grows when the transport's driver is bound again.
SCMI=$(ls -d /sys/kernel/debug/scmi/[0-9]* 2>/dev/null | head -n 1)
HWMON=$(grep -lx scmi_sensors /sys/class/hwmon/hwmon*/name 2>/dev/null | head -n 1)
HWMON=${HWMON%/name}

# mark KEY VALUE...: one line for the host.
mark() {
	echo "@@ $*"
}

# mark_lines KEY COMMAND...: every line the command prints, with the key in front.
mark_lines() {
	key=$1
	shift
	"$@" 2>&1 | sed "s/^/@@ $key /"
}

# mark_files KEY FILE...: name and content of each readable file; an error where reading fails.
mark_files() {
	key=$1
	shift
	for file in "$@"; do
		[ -f "$file" ] || continue
		value=$(cat "$file" 2>&1) || value="error ${value##*: }"
		mark "$key" "${file##*/} $value"
	done
}

# mark_counters: the kernel's own statistics of the transport.
mark_counters() {
	mark_files counter "$SCMI"/transport/counters/[!r]* "$SCMI"/transport/counters/re[!s]*
}

# await_host: waits for one line from the host, which is then in $line, but not for ever: the host may be gone.
await_host() {
	read -r -t 60 line
}

# uptime_s: whole seconds since the start.
uptime_s() {
	read -r uptime rest </proc/uptime
	echo "${uptime%.*}"
}

# await CONDITION: until the condition, shell text, holds. What Linux does later is waited for so, never slept for. After
# half a minute the case has failed.
await() {
	deadline=$(($(uptime_s) + 30))
	until eval "$1"; do
		[ "$(uptime_s)" -lt $deadline ] || fail "not true in time: $1"
		usleep 20000
	done
}

# is_power_moving: whether Linux still switches power domains, as it does late in boot and after a device fell asleep. A
# kernel thread that works for a queue has the queue's name with a plus.
is_power_moving() {
	cat /proc/[0-9]*/comm 2>/dev/null | grep -q '+pm$'
}

# fail REASON: ends the case.
fail() {
	mark failure "$*"
	exit 1
}

# send FILE HEX: one message as one write.
send() {
	printf "$(echo "$2" | sed 's/ //g; s/../\\x&/g')" >"$SCMI/raw/$1"
}

# receive FILE SECONDS: one message as hex, or nothing when none comes in time.
receive() {
	timeout "$2" dd if="$SCMI/raw/$1" bs=256 count=1 2>/dev/null | hexdump -v -e '1/1 "%02x"'
}

# exchange KEY HEX: sends a command and marks its response.
exchange() {
	send message "$2"
	mark "$1" "$(receive message 20)"
}

# exchange_delayed KEY HEX: sends an asynchronous command and marks what comes up to its delayed response: the response
# before it may be missing, see boot_verdict.ts.
exchange_delayed() {
	send message_async "$2"
	while :; do
		answer=$(receive message_async 20)
		mark "$1" "$answer"
		# The type is in the two low bits of the header's second byte.
		[ "$answer" != "" ] && [ $((0x${answer:2:2} & 3)) -eq 0 ] || break
	done
}
