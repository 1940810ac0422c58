// Runs telegram-test-api, a Telegram server that is not ours, for a test of ours to drive.
// usage: node third-party-server.mjs BOT_TOKEN
//
// Prints its API root, then answers each line of standard input with one line; ends when standard input does.
//   say CHAT TEXT   a user of the private chat CHAT writes TEXT to the bot   → ok
//   sent            what the bot has sent so far, oldest first               → JSON array
//   wait N          the same, once the bot has sent N messages               → JSON array
// Anything else is answered with "error" and what is wrong.

import { createServer } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import TelegramServer from "telegram-test-api";

const token = process.argv[2];
if (token === undefined) {
    console.error("usage: node third-party-server.mjs BOT_TOKEN");
    process.exit(2);
}

// The package takes 0 for "the default port", so a free one is looked up first.
async function freePort() {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await once(probe, "close");
    return port;
}

async function start() {
    for (let attempt = 1; ; attempt += 1) {
        const server = new TelegramServer({ host: "127.0.0.1", port: await freePort(), storeTimeout: 3600 });
        try {
            await server.start();
            return server;
        } catch (error) {
            if (error.code !== "EADDRINUSE" || attempt === 5) {
                throw error;
            }
        }
    }
}

const server = await start();

function sent() {
    return server.storage.botMessages
        .filter((entry) => entry.botToken === token)
        .map((entry) => ({ message_id: entry.messageId, ...entry.message }));
}

const commands = {
    async say(rest) {
        const [, chat, text] = /^(-?\d+) (.*)$/s.exec(rest) ?? [];
        if (text === undefined) {
            return "error usage: say CHAT TEXT";
        }
        const client = server.getClient(token, { chatId: Number(chat), userId: Number(chat) });
        await client.sendMessage(client.makeMessage(text));
        return "ok";
    },
    async sent() {
        return JSON.stringify(sent());
    },
    async wait(rest) {
        const count = Number(rest);
        if (!Number.isSafeInteger(count) || rest === "") {
            return "error usage: wait N";
        }
        while (sent().length < count) {
            await server.waitBotMessage();
        }
        return JSON.stringify(sent());
    },
};

console.log(server.config.apiURL);
for await (const line of createInterface({ input: process.stdin })) {
    const [verb] = line.split(" ", 1);
    const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
    if (command === undefined) {
        console.log("error commands: say CHAT TEXT, sent, wait N");
        continue;
    }
    try {
        console.log(await command(line.slice(verb.length + 1)));
    } catch (error) {
        console.log(`error ${error.message.replaceAll("\n", " ")}`);
    }
}
process.exit(0);
