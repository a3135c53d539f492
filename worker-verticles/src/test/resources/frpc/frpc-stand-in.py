#!/usr/bin/python3
"""Stands in for frpc in tests: reads its TOML, speaks its admin API, tunnels nothing.

Written after frpc's documentation; it misbehaves when a file of a name lies beside its
configuration: `hang` (does not answer), `refuse` (400 to a reload), `broken` (does not start), `unwell` (its tunnels fail).
"""
import base64, http.server, json, os, re, sys, time

config = sys.argv[sys.argv.index("-c") + 1]
folder = os.path.dirname(config)


def there(name):
    return os.path.exists(os.path.join(folder, name))


def read():
    top, proxies, at = {}, [], None
    with open(config, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if line == "[[proxies]]":
                at = {}
                proxies.append(at)
            elif line:
                key, value = re.fullmatch(r"([A-Za-z.]+) = (.*)", line).groups()
                (top if at is None else at)[key] = json.loads(value)
    return top, proxies


top, proxies = read()
with open(os.path.join(folder, "started"), "a", encoding="utf-8") as log:
    log.write(json.dumps({"args": sys.argv[1:], "env": sorted(os.environ), "pid": os.getpid()}) + "\n")
# As careless as a program can be: what reads it has to mask it.
print("token is", top.get("auth.token"), flush=True)
if there("broken"):
    print("json: unknown field \"x\"", flush=True)
    sys.exit(1)


class Admin(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        global proxies
        while there("hang"):
            time.sleep(0.05)
        credentials = top["webServer.user"] + ":" + top["webServer.password"]
        if self.headers.get("authorization") != "Basic " + base64.b64encode(credentials.encode()).decode():
            return self.answer(401, "Unauthorized")
        if self.path.startswith("/api/reload"):
            if there("refuse"):
                return self.answer(400, "proxy name conflict, token " + top["auth.token"])
            proxies = read()[1]
            return self.answer(200, "")
        if self.path == "/api/status":
            status = {}
            for proxy in proxies:
                status.setdefault(proxy["type"], []).append({
                    "name": top["user"] + "." + proxy["name"],
                    "type": proxy["type"],
                    "status": "start error" if there("unwell") else "running",
                    "err": "start error, token " + top["auth.token"] if there("unwell") else "",
                    "local_addr": "%s:%d" % (proxy["localIP"], proxy["localPort"]),
                    "remote_addr": "%s:%s" % (top["serverAddr"], proxy.get("remotePort", "")),
                })
            return self.answer(200, json.dumps(status))
        return self.answer(404, "")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer((top["webServer.addr"], top["webServer.port"]), Admin).serve_forever()
