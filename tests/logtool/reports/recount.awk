# Recount: takes recorded instants and lines of a log in httpd's built-in format (paste truth.txt
# error.log), prints numbers of a report: what, key, lines, and where it has them the first and the
# last instant in microseconds. Run by gawk; -v start and -v step are those of the rate, in seconds.

function epoch(year, month, day, hour, minute, second) {
    return mktime(year " " month " " day " " hour " " minute " " second, 1)
}

function count(what, key) {
    lines[what "\t" key]++
}

function timed(what, key, us) {
    count(what, key)
    if (!((what, key) in first) || us < first[what, key]) first[what, key] = us
    if (!((what, key) in last) || us > last[what, key]) last[what, key] = us
}

# The exception that an event ends with, when no line of it can follow any more.
function raise(stream) {
    if (type[stream] != "") {
        count("exception", type[stream])
        type[stream] = ""
    }
}

# Whether a line goes on with the event of its stream; what may follow it is kept in `state`.
function goes_on(stream, text) {
    if (text ~ /^Traceback \(most recent call last\):/) {
        after = state[stream]; state[stream] = "stack"
        return after == "head" || after == "link"
    }
    if (state[stream] == "stack" && text ~ /^  /) return 1
    if (state[stream] == "stack" && text ~ /^[A-Za-z_.]+(: |:?$)/) {
        state[stream] = "final"; type[stream] = gensub(/[^A-Za-z_.].*/, "", 1, text)
        return 1
    }
    if (state[stream] == "final" && text == "") return 1
    if (state[stream] == "final" && text ~ /^(The above exception was|During handling of the above)/) {
        state[stream] = "link"
        return 1
    }
    if (state[stream] == "link" && text == "") return 1
    state[stream] = text ~ /Exception occurred processing WSGI script|^ERROR .*Internal Server Error: / ? "head" : ""
    return 0
}

BEGIN {
    FS = "\t"
    months = "JanFebMarAprMayJunJulAugSepOctNovDec"
    pythons = "^([0-9-]+ [0-9:,]+ )?(CRITICAL|ERROR|WARNING|INFO|DEBUG)[: ]"
}

{
    line = substr($0, length($1) + 2)
    match($1, /^([0-9]+)-([0-9]+)-([0-9]+)T([0-9]+):([0-9]+):([0-9]+)\.([0-9]+)Z$/, t)
    utc = epoch(t[1], t[2], t[3], t[4], t[5], t[6])
    us = utc * 1000000 + t[7]
    if (!match(line, /^\[[A-Za-z]+ ([A-Za-z]+) ([0-9]+) ([0-9]+):([0-9]+):([0-9]+)\.[0-9]+ ([0-9]+)\] \[([^:]*):([a-z]+[0-9]?)\] \[pid ([0-9]+):tid ([0-9]+)\] (.*)$/, h)) {
        print "unread\t" line; exit 1
    }
    offset = epoch(h[6], (index(months, h[1]) + 2) / 3, h[2], h[3], h[4], h[5]) - utc
    module = h[7]; level = h[8]; pid = h[9]; text = h[11]
    bad = level ~ /^(emerg|alert|crit|error)$/
    sub(/^[a-z_]+\.c\([0-9]+\): /, "", text)
    sub(/^\([0-9]+\)[^:]+: /, "", text)
    sub(/, referer: .*$/, "", text)
    client = ""; who = ""
    if (match(text, /^\[(client|remote) (([^\]]+):[0-9]+)\] (.*)$/, c)) {
        who = c[2]; client = c[3]; text = c[4]
    }

    timed("log", "all", us)
    count("level", level)
    count("module", module)
    count("hour", (int(utc / 86400) + 3) % 7 " " int(utc / 3600) % 24)
    count("rate of level", level " " int((utc - start) / step))
    count("rate of offset", offset " " int((utc - start) / step))
    timed("offset", offset, us)
    timed("process", pid " " offset, us)
    if (match(text, /^mod_wsgi \(pid=([0-9]+)\): Starting process/, d)) daemon[d[1]] = 1
    # One configures itself before it detaches, another one goes on.
    if (module ~ /^mpm_/ && level == "notice" || text ~ /^AH01887:/) parent[pid] = 1
    of_pid[pid]++
    if (client != "") {
        timed("client", client, us)
        if (bad) count("errors of client", client)
    }
    if (match(text, /^AH[0-9]+:/)) timed("tag", substr(text, 1, RLENGTH - 1) " " level " " module, us)
    if (module == "wsgi" && match(text, pythons, p)) count("python level", p[2])

    instants[NR] = us
    stream = pid " " h[10] " " who
    if (module != "wsgi" || !goes_on(stream, text)) {
        count("events", "all")
        if (module == "wsgi") raise(stream)
    }
}

END {
    for (stream in type) raise(stream)
    for (key in lines) {
        split(key, part, "\t")
        if ((part[1], part[2]) in first) print key "\t" lines[key] "\t" first[part[1], part[2]] "\t" last[part[1], part[2]]
        else print key "\t" lines[key]
    }
    for (pid in of_pid) role[pid in parent ? "parent" : pid in daemon ? "daemon" : "child"] += of_pid[pid]
    for (one in role) print "role\t" one "\t" role[one]
    n = asort(instants)
    for (i = 2; i <= n; i++) print "silence\t" instants[i - 1] "\t" instants[i]
}
