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
    const address = async (word) => {
        const line = await Promise.race([lines.next(), ended]);
        const [, found, where] = /^(\S+) on (\S+)$/.exec(line?.value ?? "") ?? [];
        if (found !== word) {
            throw new Error(`${program} did not start`);
        }
        return where;
    };
    const url = await address("listening");
    const controlUrl = flags.includes("--http2") ? await address("control") : url;
    return {
        url,
        async stop() {
            child.stdin.end();
            return await ended;
        },
        async control(verb, parameters = {}) {
            const response = await fetch(`${controlUrl}/control/${verb}`, {
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
