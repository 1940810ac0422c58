// What people do, as it reaches a bot: each kind of update is recognised by grammY's own filters.

import assert from "node:assert/strict";
import { API_CONSTANTS, Context } from "grammy";
import { apiOf, assertRefused, control, newToken, server } from "./harness.mjs";

const group = -5;
const supergroup = -1001234567890;

// A bot that has asked for everything, and a way to get its newest update as a grammY context.
async function listener() {
    const token = await newToken();
    const api = apiOf(token);
    const me = await api.getMe();
    await api.getUpdates({ allowed_updates: API_CONSTANTS.ALL_UPDATE_TYPES });
    return {
        token,
        api,
        async newest(filter) {
            const [update] = await api.getUpdates({ offset: -1 });
            const context = new Context(update, api, me);
            assert.ok(context.has(filter), `${filter}: ${JSON.stringify(update)}`);
            return context;
        },
    };
}

export const updateChecks = {
    async "files people send are told apart and downloaded"() {
        const { token, api, newest } = await listener();
        const kinds = ["photo", "document", "video", "animation", "audio", "voice", "video_note", "sticker"];
        for (const kind of kinds) {
            await control("send", { token, chat: 7, kind, content: `a ${kind}`, name: "n.bin" });
            const context = await newest(`message:${kind}`);
            const file = await context.getFile();
            const response = await fetch(`${server.url}/file/bot${token}/${file.file_path}`);
            assert.equal(await response.text(), `a ${kind}`);
        }
        const big = 20 * 1024 * 1024 + 1;
        await control("send", { token, chat: 7, kind: "video", size: big });
        const { message } = await newest("message:video");
        await assertRefused(api.getFile(message.video.file_id), 400, /file is too big/);
    },

    async "an album is messages of one group, with the caption of the first"() {
        const { token, api } = await listener();
        const items = [{ kind: "photo", caption: "both" }, { kind: "video" }];
        await control("album", { token, chat: 7, items });
        const updates = await api.getUpdates({ offset: -2 });
        const groups = new Set(updates.map(({ message }) => message.media_group_id));
        assert.equal(groups.size, 1);
        assert.deepEqual(updates.map(({ message }) => message.caption), ["both", undefined]);
    },

    async "places, contacts, polls, forwards, quotes and topics are told apart"() {
        const { token, newest } = await listener();
        const location = { latitude: 48.1, longitude: 11.5 };
        const say = (extra) => control("say", { token, chat: 7, text: "", extra });
        await say({ location });
        await newest("message:location");
        await say({ venue: { location, title: "Café", address: "Street 1" }, location });
        await newest("message:venue");
        await say({ contact: { phone_number: "+49", first_name: "Ann" } });
        await newest("message:contact");
        const origin = { type: "hidden_user", sender_user_name: "Somebody", date: 1 };
        await control("forward", { token, chat: 7, text: "news", origin });
        await newest("message:forward_origin:hidden_user");
        const topic = await control("topic", { token, chat: supergroup, user: 8, name: "Plans" });
        await newest("message:forum_topic_created");
        await control("say", { token, chat: supergroup, user: 8, text: "well", thread: topic.message_id });
        const context = await newest("message:is_topic_message");
        assert.equal(context.message.reply_to_message.message_id, topic.message_id);
    },

    async "edits of texts, captions and channel posts are told apart"() {
        const { token, newest } = await listener();
        const text = await control("say", { token, chat: 7, text: "draft" });
        await control("edit", { token, chat: 7, message: text.message_id, text: "final" });
        await newest("edited_message:text");
        const photo = await control("send", { token, chat: 7, kind: "photo" });
        await control("edit_caption", { token, chat: 7, message: photo.message_id, caption: "seen" });
        await newest("edited_message:caption");
        await control("chats", { token, id: -1009, type: "channel", title: "News" });
        const post = await control("say", { token, chat: -1009, text: "post" });
        await newest("channel_post:text");
        await control("edit", { token, chat: -1009, message: post.message_id, text: "changed" });
        const context = await newest("edited_channel_post:text");
        assert.equal(context.senderChat.title, "News");
    },

    async "reactions tell what was and what is"() {
        const { token, newest } = await listener();
        const { message_id: message } = await control("say", { token, chat: 7, text: "x" });
        await control("react", { token, chat: 7, message, emoji: ["👍"] });
        await newest("message_reaction:new_reaction:emoji");
        await control("react", { token, chat: 7, message, emoji: ["❤"] });
        const context = await newest("message_reaction");
        assert.deepEqual(context.reactions().emojiAdded, ["❤"]);
        assert.deepEqual(context.reactions().emojiRemoved, ["👍"]);
        await control("count_reactions", { token, chat: -1009, message: 3, counts: { "👍": 12 } });
        const counted = await newest("message_reaction_count");
        assert.equal(counted.messageReactionCount.reactions[0].total_count, 12);
    },

    async "blocking, coming, going and growing are told"() {
        const { token, api, newest } = await listener();
        await control("say", { token, chat: 7, text: "x" });
        await control("member", { token, chat: 7, status: "kicked", by: 7 });
        const blocked = await newest("my_chat_member");
        assert.equal(blocked.myChatMember.new_chat_member.status, "kicked");
        await assertRefused(api.sendMessage(7, "x"), 403, /^Forbidden: bot was blocked by the user$/);
        await control("member", { token, chat: group, user: 9, status: "administrator" });
        const promoted = await newest("chat_member");
        assert.equal(promoted.chatMember.new_chat_member.can_delete_messages, true);
        await control("join", { token, chat: group, user: 9 });
        await newest("message:new_chat_members");
        await control("leave", { token, chat: group, user: 9 });
        await newest("message:left_chat_member");
        await control("upgrade", { token, chat: group, to: supergroup });
        await newest("message:migrate_from_chat_id");
    },

    async "unknown kinds and stopped drafts arrive as they are"() {
        const { token, api, newest } = await listener();
        await control("raw", { token, update: { telepathy: { thought: "?" } } });
        const [update] = await api.getUpdates({ offset: -1 });
        assert.equal(update.telepathy.thought, "?");
        await control("stop_draft", { token, chat: 7, draft_id: 5 });
        const [stopped] = await api.getUpdates({ offset: -1 });
        assert.equal(stopped.stopped_message_generation.draft_id, 5);
        await control("click", { token, chat: 7, message: 4711, data: "a" });
        const clicked = await newest("callback_query:data");
        assert.equal(clicked.callbackQuery.data, "a");
    },
};
