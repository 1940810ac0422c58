// Runs telegram-test-server for a check and speaks to its control endpoint.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// Starts the program; it ends with this process, when its standard input closes.
export async function startServer(program, ...flags) {
    const child = spawn(program, ["--stop-on-eof", ...flags], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", resolve);
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await Promise.race([lines.next(), ended]);
    const url = /^listening on (\S+)$/.exec(first?.value ?? "")?.[1];
    if (url === undefined) {
        throw new Error(`${program} did not start`);
    }
    return {
        url,
        async stop() {
            child.stdin.end();
            return await ended;
        },
        async control(verb, parameters = {}) {
            const response = await fetch(`${url}/control/${verb}`, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify(parameters),
            });
            const answer = await response.json();
            if (!answer.ok) {
                throw new Error(`control ${verb}: ${answer.description}`);
            }
            return answer.result;
        },
    };
}
