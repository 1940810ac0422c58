// Checks telegram-test-server with grammY, a Telegram client that is not ours, so that the server is no mirror of our
// own mistakes. usage: node check.mjs PATH_OF_TELEGRAM_TEST_SERVER

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { Agent } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api, Bot, GrammyError, HttpError } from "grammy";
import {
    apiOf, assertRefused, control, knownChat, newToken, patienceMs, program, refusal, runChecks, server,
} from "./harness.mjs";
import { mediaChecks } from "./media-checks.mjs";
import { startServer } from "./server.mjs";
import { updateChecks } from "./update-checks.mjs";
import { webhookChecks } from "./webhook-checks.mjs";

const checks = {
    async "getMe says who the bot is"() {
        const token = await newToken();
        const me = await apiOf(token).getMe();
        assert.equal(me.id, Number(token.split(":")[0]));
        assert.equal(me.is_bot, true);
        assert.match(me.username, /^bot_/);
    },

    async "an unknown token is 401, a malformed one 404"() {
        await assertRefused(apiOf("999:nobody").getMe(), 401, /^Unauthorized$/);
        await assertRefused(apiOf("nonsense").getMe(), 404, /^Not Found$/);
    },

    async "an unknown method is 404"() {
        const api = apiOf(await newToken());
        await assertRefused(api.raw.sendGame({ chat_id: 1 }), 404, /^Not Found/);
    },

    async "long polling brings every text once, in order, whatever its characters"() {
        const token = await newToken();
        const texts = ["plain", "grüße", "😀 beyond the BMP", "line\nbreak", '"quoted" \\ back', "\u0007bell", "last"];
        for (const text of texts.slice(0, 3)) {
            await control("say", { token, chat: 7, text });
        }
        const bot = new Bot(token, { client: { apiRoot: server.url } });
        const seen = [];
        await new Promise((resolve, reject) => {
            bot.on("message:text", (context) => {
                seen.push(context.message.text);
                if (seen.length === texts.length) {
                    resolve();
                }
            });
            bot.start({
                async onStart() {
                    for (const text of texts.slice(3)) {
                        await control("say", { token, chat: 7, text });
                    }
                },
            }).catch(reject);
        });
        await bot.stop();
        assert.deepEqual(seen, texts);
        const state = await control("state", { token });
        assert.equal(state.pending, 0, "stopping confirms the last update");
    },

    async "a waiting poll is answered when a message comes"() {
        const token = await newToken();
        const polling = apiOf(token).getUpdates({ timeout: 50 });
        await control("state", { token, polled: true, timeout_ms: patienceMs });
        const said = await control("say", { token, chat: 7, text: "now" });
        const [update] = await polling;
        assert.equal(update.update_id, said.update_id);
        assert.equal(update.message.message_id, said.message_id);
    },

    async "an offset confirms what is before it"() {
        const token = await newToken();
        const api = apiOf(token);
        await control("say", { token, chat: 7, text: "one" });
        const second = await control("say", { token, chat: 7, text: "two" });
        assert.equal((await api.getUpdates()).length, 2);
        const rest = await api.getUpdates({ offset: second.update_id });
        assert.deepEqual(rest.map((update) => update.message.text), ["two"]);
        assert.equal((await control("state", { token })).pending, 1);
        assert.deepEqual(await api.getUpdates({ offset: second.update_id + 1 }), []);
    },

    async "a negative offset keeps the newest, one far past the end is ignored"() {
        const token = await newToken();
        const api = apiOf(token);
        for (const text of ["a", "b", "c"]) {
            await control("say", { token, chat: 7, text });
        }
        const last = await api.getUpdates({ offset: -1 });
        assert.deepEqual(last.map((update) => update.message.text), ["c"]);
        const again = await api.getUpdates({ offset: last[0].update_id + 12 });
        assert.deepEqual(again.map((update) => update.message.text), ["c"]);
    },

    async "the older of two polls gets 409"() {
        const token = await newToken();
        const first = refusal(apiOf(token).getUpdates({ timeout: 50 }));
        await control("state", { token, polled: true, timeout_ms: patienceMs });
        const second = apiOf(token).getUpdates({ timeout: 50 });
        const error = await first;
        assert.ok(error instanceof GrammyError);
        assert.equal(error.error_code, 409);
        assert.match(error.description, /^Conflict: terminated by other getUpdates request/);
        await control("say", { token, chat: 7, text: "to the survivor" });
        assert.equal((await second).length, 1);
    },

    async "a running bot stops on the 409 of another one"() {
        const token = await newToken();
        const bot = new Bot(token, { client: { apiRoot: server.url } });
        const running = refusal(bot.start());
        await control("state", { token, polled: true, timeout_ms: patienceMs });
        const other = apiOf(token).getUpdates({ timeout: 1 });
        const error = await running;
        assert.equal(error.error_code, 409);
        await other;
    },

    async "a webhook forbids polling until it is deleted"() {
        const token = await newToken();
        const api = apiOf(token);
        await assertRefused(api.setWebhook("http://example.org/"), 400, /^Bad Request: bad webhook: An HTTPS URL/);
        await api.setWebhook("https://example.org/hook");
        assert.equal((await api.getWebhookInfo()).url, "https://example.org/hook");
        await assertRefused(api.getUpdates(), 409, /^Conflict: can't use getUpdates method while webhook is active/);
        await api.deleteWebhook();
        assert.equal((await api.getWebhookInfo()).url, "");
        assert.deepEqual(await api.getUpdates(), []);
    },

    async "allowed_updates is remembered, reactions must be asked for"() {
        const token = await newToken();
        const api = apiOf(token);
        const reaction = { token, type: "message_reaction", payload: { message_id: 1 } };
        assert.equal((await control("update", reaction)).update_id, 0);
        await api.getUpdates({ allowed_updates: ["message_reaction"] });
        await api.getUpdates({ limit: 1 });
        await control("say", { token, chat: 7, text: "not allowed" });
        await control("update", reaction);
        const updates = await api.getUpdates();
        assert.deepEqual(updates.map((update) => Object.keys(update)[1]), ["message_reaction"]);
        await api.getUpdates({ offset: -1, allowed_updates: [] });
        const { allowed_updates: allowed } = await control("state", { token });
        assert.ok(allowed.includes("message") && !allowed.includes("message_reaction"));
    },

    async "sendMessage answers in a topic, with entities"() {
        const token = await newToken();
        const chat = -1001234567890;
        const said = await control("say", { token, chat, user: 5, text: "question", thread: 77 });
        const sent = await apiOf(token).sendMessage(chat, "  😀 bold  ", {
            message_thread_id: 77,
            reply_parameters: { message_id: said.message_id },
            entities: [{ type: "bold", offset: 5, length: 4 }],
            disable_notification: true,
            link_preview_options: { is_disabled: true },
        });
        assert.equal(sent.text, "😀 bold");
        assert.deepEqual(sent.entities, [{ type: "bold", offset: 3, length: 4 }]);
        assert.equal(sent.message_thread_id, 77);
        assert.equal(sent.is_topic_message, true);
        assert.equal(sent.reply_to_message.text, "question");
        assert.equal(sent.chat.type, "supergroup");
        const [logged] = await control("sent", { token });
        assert.equal(logged.disable_notification, true);
    },

    async "sendMessage refuses what cannot be sent"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const missing = { message_id: 4711 };
        await assertRefused(api.sendMessage(8, "x"), 400, /^Bad Request: chat not found$/);
        await assertRefused(api.sendMessage(chat, ""), 400, /^Bad Request: message text is empty$/);
        await assertRefused(api.sendMessage(chat, " \n "), 400, /^Bad Request: message text is empty$/);
        await assertRefused(api.sendMessage(chat, "x".repeat(4097)), 400, /^Bad Request: message is too long$/);
        await assertRefused(api.sendMessage(chat, "x", { reply_parameters: missing }), 400,
            /^Bad Request: message to be replied not found$/);
        await assertRefused(api.sendMessage(chat, "x", { message_thread_id: 3 }), 400,
            /^Bad Request: message thread not found$/);
        await assertRefused(api.sendMessage(chat, "😀", { entities: [{ type: "bold", offset: 1, length: 1 }] }), 400,
            /middle of a UTF-16 symbol/);
        assert.equal((await api.sendMessage(chat, "😀".repeat(4096))).text.length, 8192);
        const alone = await api.sendMessage(chat, "x",
            { reply_parameters: { ...missing, allow_sending_without_reply: true } });
        assert.equal(alone.reply_to_message, undefined);
    },

    async "a chat that blocked the bot is 403, one that moved tells where"() {
        const token = await newToken();
        const api = apiOf(token);
        await control("chats", { token, id: 9, title: "N", forbidden: "bot was blocked by the user" });
        await control("chats", { token, id: -5, type: "group", title: "G", migrated_to: -1005 });
        await assertRefused(api.sendMessage(9, "x"), 403, /^Forbidden: bot was blocked by the user$/);
        const moved = await assertRefused(api.sendMessage(-5, "x"), 400,
            /^Bad Request: group chat was upgraded to a supergroup chat$/);
        assert.equal(moved.parameters.migrate_to_chat_id, -1005);
    },

    async "an edit changes the text, the same edit again is refused"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const { message_id: id } = await api.sendMessage(chat, "draft");
        const edited = await api.editMessageText(chat, id, "final");
        assert.equal(edited.text, "final");
        assert.ok(edited.edit_date > 0);
        await assertRefused(api.editMessageText(chat, id, "final"), 400, /^Bad Request: message is not modified: /);
        await assertRefused(api.editMessageText(chat, 1, "x"), 400, /^Bad Request: message can't be edited$/);
        await assertRefused(api.editMessageText(chat, 99, "x"), 400, /^Bad Request: message to edit not found$/);
    },

    async "the smaller methods do their part"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const { message_id: id } = await api.sendMessage(chat, "x");
        assert.equal(await api.sendChatAction(chat, "typing"), true);
        assert.equal(await api.setMessageReaction(chat, id, [{ type: "emoji", emoji: "👍" }]), true);
        await assertRefused(api.setMessageReaction(chat, id, [{ type: "emoji", emoji: "✅" }]), 400, /REACTION_INVALID/);
        assert.equal((await api.getChat(chat)).type, "private");
        assert.equal((await api.getChatMember(chat, 7)).status, "member");
        assert.equal(await api.setMyCommands([{ command: "start", description: "Begin" }]), true);
        assert.deepEqual(await api.getMyCommands(), [{ command: "start", description: "Begin" }]);
        await assertRefused(api.setMyCommands([{ command: "UPPER", description: "x" }]), 400, /BOT_COMMAND_INVALID/);
        assert.equal(await api.deleteMyCommands(), true);
        assert.deepEqual(await api.getMyCommands(), []);
        assert.equal(await api.deleteMessage(chat, id), true);
        await assertRefused(api.deleteMessage(chat, id), 400, /^Bad Request: message to delete not found$/);
        const methods = (await control("sent", { token })).map((entry) => entry.method);
        assert.deepEqual(methods, ["sendMessage", "sendChatAction", "setMessageReaction", "deleteMessage"]);
    },

    async "a button's click is answered once"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const { message_id: message } = await api.sendMessage(chat, "choose",
            { reply_markup: { inline_keyboard: [[{ text: "A", callback_data: "a" }]] } });
        const id = await control("click", { token, chat, user: 7, message, data: "a" });
        const updates = await api.getUpdates({ allowed_updates: ["callback_query"] });
        const query = updates.at(-1).callback_query;
        assert.deepEqual([query.id, query.data, query.message.message_id], [id, "a", message]);
        assert.equal(await api.answerCallbackQuery(id, { text: "done" }), true);
        await assertRefused(api.answerCallbackQuery(id), 400, /^Bad Request: query is too old/);
    },

    async "429 carries retry_after"() {
        const token = await newToken();
        const chat = await knownChat(token);
        await control("faults", { kind: "too_many_requests", token, method: "sendMessage", retry_after: 7 });
        const error = await assertRefused(apiOf(token).sendMessage(chat, "x"), 429,
            /^Too Many Requests: retry after 7$/);
        assert.equal(error.parameters.retry_after, 7);
        assert.equal((await apiOf(token).sendMessage(chat, "x")).text, "x");
    },

    async "a bot that sends too fast is told how long to wait"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        await control("pace", { token, per_chat: [3_600_000, 2] });
        await api.sendMessage(chat, "x");
        await api.sendMessage(chat, "x");
        const error = await assertRefused(api.sendMessage(chat, "x"), 429, /^Too Many Requests: retry after \d+$/);
        assert.ok(error.parameters.retry_after > 3000);
        await api.sendMessage(await knownChat(token, 8), "another chat does not wait");
        assert.deepEqual(await control("refusals", { token }), { chat: 1, group: 0, account: 0, disobedient: 0 });
    },

    async "an HTML page, rubbish and a reset are network errors"() {
        const token = await newToken();
        const faults = [
            { kind: "html", status: 502 },
            { kind: "raw", status: 200, body: "it works!" },
            { kind: "reset" },
        ];
        for (const fault of faults) {
            await control("faults", { ...fault, token });
            const error = await refusal(apiOf(token).getMe());
            assert.ok(error instanceof HttpError, `${fault.kind}: an HttpError, not ${error}`);
        }
        assert.equal((await apiOf(token).getMe()).is_bot, true);
    },

    // With Node's own client: the one below grammY waits for the rest of a body for ever.
    async "a body that is cut or broken off does not look complete"() {
        const token = await newToken();
        for (const kind of ["cut", "broken"]) {
            await control("faults", { kind, cut_at: 20, token });
            const response = await fetch(`${server.url}/bot${token}/getMe`);
            assert.equal(response.status, 200);
            assert.match(String(await refusal(response.text())), /terminated/);
        }
    },

    async "a new connection can be reset before anything is read"() {
        await control("faults", { kind: "connect_reset" });
        const { port, hostname } = new URL(server.url);
        const socket = connect(Number(port), hostname);
        const [error] = await once(socket, "error").catch((thrown) => [thrown]);
        assert.equal(error.code, "ECONNRESET");
    },

    async "a send whose answer was lost has happened"() {
        const token = await newToken();
        const chat = await knownChat(token);
        await control("faults", { kind: "reset", token, method: "sendMessage", execute: true });
        assert.ok((await refusal(apiOf(token).sendMessage(chat, "lost?"))) instanceof HttpError);
        const sent = await control("sent", { token, count: 1, timeout_ms: patienceMs });
        assert.equal(sent[0].text, "lost?");
    },

    async "parameters may come as form, multipart, query or JSON"() {
        const token = await newToken();
        const chat = await knownChat(token);
        const url = `${server.url}/bot${token}/sendMessage`;
        const form = new FormData();
        form.set("chat_id", String(chat));
        form.set("text", "multipart");
        form.set("entities", JSON.stringify([{ type: "bold", offset: 0, length: 5 }]));
        const requests = [
            fetch(url, { method: "POST", body: new URLSearchParams({ chat_id: chat, text: "form & füße" }) }),
            fetch(url, { method: "POST", body: form }),
            fetch(`${url}?chat_id=${chat}&text=query+%F0%9F%98%80`),
        ];
        const texts = [];
        for (const request of requests) {
            const answer = await (await request).json();
            texts.push(answer.result?.text ?? answer.description);
        }
        assert.deepEqual(texts, ["form & füße", "multipart", "query 😀"]);
        const logged = await control("requests", { token, method: "sendMessage" });
        assert.deepEqual(logged.map((entry) => entry.malformed), ["", "", ""]);
    },

    async "answers are ASCII only"() {
        const token = await newToken();
        await control("say", { token, chat: 7, text: "ß😀" });
        const body = await (await fetch(`${server.url}/bot${token}/getUpdates`)).text();
        assert.match(body, /"text":"\\u00df\\ud83d\\ude00"/);
    },

    async "it speaks HTTP/2, many polls over one connection"() {
        const h2 = await startServer(program, "--http2", "--token", "42:secret", "--token", "43:secret");
        const session = connectHttp2(h2.url);
        const request = (path) => {
            const stream = session.request({ ":path": path });
            return once(stream, "response").then(async ([head]) => {
                const chunks = await stream.toArray();
                return { status: head[":status"], body: JSON.parse(Buffer.concat(chunks).toString()) };
            });
        };
        const polls = ["42", "43"].map((bot) => request(`/bot${bot}:secret/getUpdates?timeout=50`));
        const me = await request("/bot42:secret/getMe");
        assert.deepEqual([me.status, me.body.result.id], [200, 42]);
        assert.equal((await request("/bot44:secret/getMe")).status, 401);
        for (const bot of ["43", "42"]) {
            await h2.control("state", { token: `${bot}:secret`, polled: true, timeout_ms: patienceMs });
            await h2.control("say", { token: `${bot}:secret`, chat: 7, text: bot });
        }
        const answers = await Promise.all(polls);
        assert.deepEqual(answers.map((answer) => answer.body.result[0].message.text), ["42", "43"]);
        await h2.control("faults", { kind: "reset" });
        const [error] = await once(session.request({ ":path": "/bot42:secret/getMe" }), "error");
        assert.equal(error.code, "ERR_HTTP2_STREAM_ERROR");
        session.close();
        assert.equal(await h2.stop(), 0);
    },

    async "it speaks TLS with a certificate of the authority it wrote down"() {
        const folder = await mkdtemp(join(tmpdir(), "telegram-check-"));
        const file = join(folder, "ca.pem");
        const tls = await startServer(program, "--tls", "--ca-out", file, "--token", "42:secret");
        try {
            const agent = new Agent({ ca: await readFile(file) });
            const api = new Api("42:secret", { apiRoot: tls.url, baseFetchConfig: { agent } });
            assert.equal((await api.getMe()).id, 42);
            const stranger = new Api("42:secret", { apiRoot: tls.url });
            assert.ok((await refusal(stranger.getMe())) instanceof HttpError);
            agent.destroy();
        } finally {
            assert.equal(await tls.stop(), 0);
            await rm(folder, { recursive: true });
        }
    },
};

await runChecks({ ...checks, ...mediaChecks, ...updateChecks, ...webhookChecks });
