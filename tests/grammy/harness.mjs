// What the checks share: one server at twenty times the speed of real time, a bot for each check, and the run of them.

import assert from "node:assert/strict";
import { Api, GrammyError } from "grammy";
import { startServer } from "./server.mjs";

const deadlineMs = 20_000;
export const patienceMs = 200_000; // in the server's time, which passes faster
export const program = process.argv[2];
// Its three seconds of grace last 150 ms.
export const server = await startServer(program, "--speed", "20");
export const { control } = server;

let nextToken = 1000;
// Each check has a bot of its own, so that none sees another's traces.
export async function newToken() {
    const token = `${nextToken++}:secret-of-this-bot`;
    await control("bots", { token, username: `bot_${nextToken}` });
    return token;
}

export function apiOf(token) {
    return new Api(token, { apiRoot: server.url });
}

export async function knownChat(token, chat = 7) {
    await control("say", { token, chat, text: "hello" });
    return chat;
}

export async function refusal(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new assert.AssertionError({ message: "it should have been refused" });
}

export async function assertRefused(promise, code, description) {
    const error = await refusal(promise);
    assert.ok(error instanceof GrammyError, `a GrammyError, not ${error}`);
    assert.equal(error.error_code, code);
    assert.match(error.description, description);
    return error;
}

// Runs them one after the other and ends the process.
export async function runChecks(checks) {
    let passed = 0;
    let failed = 0;
    for (const [name, check] of Object.entries(checks)) {
        let timer;
        const late = new Promise((_, reject) => {
            timer = setTimeout(() => reject(new Error(`not done within ${deadlineMs} ms`)), deadlineMs);
        });
        try {
            await Promise.race([check(), late]);
            passed += 1;
        } catch (error) {
            failed += 1;
            console.log(`FAILED: ${name}\n${error.stack}`);
        }
        clearTimeout(timer);
    }
    await server.stop();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
}
