// Webhooks: grammY's own server side takes what ours posts, over plain HTTP as from a reverse proxy.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Bot, webhookCallback } from "grammy";
import { apiOf, assertRefused, control, newToken, patienceMs, server } from "./harness.mjs";

const url = "https://bot.example.org/hook";

// Listens for the posts of webhooks until `use` is done.
async function listening(handler, use) {
    const http = createServer(handler);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    try {
        await control("route_webhooks", { port: http.address().port });
        await use();
    } finally {
        await control("route_webhooks", { port: 0 });
        http.closeAllConnections();
        http.close();
    }
}

async function pending(api, count) {
    while ((await api.getWebhookInfo()).pending_update_count !== count) {
        await new Promise((resolve) => setImmediate(resolve));
    }
}

export const webhookChecks = {
    async "a webhook gets every update in order, with its secret, and may answer with a call"() {
        const token = await newToken();
        const bot = new Bot(token, { client: { apiRoot: server.url, canUseWebhookReply: () => true } });
        const seen = [];
        bot.on("message:text", async (context) => {
            seen.push(context.message.text);
            await context.reply(`you said ${context.message.text}`);
        });
        const take = webhookCallback(bot, "http", { secretToken: "S3cret-_" });
        await listening(take, async () => {
            await bot.api.setWebhook(url, { secret_token: "S3cret-_" });
            for (const text of ["one", "two", "three"]) {
                await control("say", { token, chat: 7, text });
            }
            const sent = await control("sent", { token, count: 3, timeout_ms: patienceMs });
            assert.deepEqual(seen, ["one", "two", "three"]);
            assert.deepEqual(sent.map((message) => message.text), seen.map((text) => `you said ${text}`));
            await pending(bot.api, 0);
            await bot.api.deleteWebhook();
        });
    },

    async "what a webhook refuses comes again, and its information says why"() {
        const token = await newToken();
        const api = apiOf(token);
        const bodies = [];
        const take = async (request, response) => {
            const body = Buffer.concat(await request.toArray()).toString();
            bodies.push(body);
            response.writeHead(bodies.length < 3 ? 502 : 200).end();
        };
        await listening(take, async () => {
            await control("say", { token, chat: 7, text: "again" });
            await api.setWebhook(url);
            await pending(api, 0);
            assert.equal(bodies.length, 3);
            assert.equal(new Set(bodies).size, 1);
            assert.equal((await api.getWebhookInfo()).last_error_message,
                "Wrong response from the webhook: 502 Bad Gateway");
            await api.deleteWebhook();
        });
    },

    async "a wrong secret is noticed by the bot, and the update is kept"() {
        const token = await newToken();
        const bot = new Bot(token, { client: { apiRoot: server.url } });
        const seen = [];
        bot.on("message", (context) => seen.push(context.message.text));
        const take = webhookCallback(bot, "http", { secretToken: "another" });
        await listening(take, async () => {
            await bot.api.setWebhook(url, { secret_token: "S3cret-_" });
            await control("say", { token, chat: 7, text: "x" });
            let info = await bot.api.getWebhookInfo();
            while (info.last_error_message === undefined) {
                info = await bot.api.getWebhookInfo();
            }
            assert.match(info.last_error_message, /^Wrong response from the webhook: 401 /);
            assert.equal(info.pending_update_count, 1);
            assert.deepEqual(seen, []);
            await bot.api.deleteWebhook();
        });
        assert.equal((await bot.api.getUpdates()).length, 1);
    },

    async "a webhook's URL and secret are judged"() {
        const api = apiOf(await newToken());
        await assertRefused(api.setWebhook("https://bot.example.org:8080/"), 400, /only on ports 80, 88, 443 or 8443$/);
        await assertRefused(api.setWebhook("https://127.0.0.1/"), 400, /IP address 127.0.0.1 is reserved$/);
        await assertRefused(api.setWebhook(url, { secret_token: "a b" }), 400, /contains unallowed characters$/);
    },
};
