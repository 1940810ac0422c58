// Files, albums, places, edits of them, drafts: what a bot sends besides text.

import assert from "node:assert/strict";
import { InputFile, InputMediaBuilder } from "grammy";
import { apiOf, assertRefused, control, knownChat, newToken, server } from "./harness.mjs";

const image = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from("an image")]);
const inputImage = (name = "a.jpg") => new InputFile(image, name);

export const mediaChecks = {
    async "each kind of file is uploaded, shown and downloaded"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const sent = {
            photo: await api.sendPhoto(chat, inputImage(), { caption: "seen" }),
            document: await api.sendDocument(chat, inputImage("notes.txt")),
            video: await api.sendVideo(chat, inputImage(), { duration: 3, width: 4, height: 5 }),
            animation: await api.sendAnimation(chat, inputImage()),
            audio: await api.sendAudio(chat, inputImage(), { performer: "P", title: "T" }),
            voice: await api.sendVoice(chat, inputImage(), { duration: 9 }),
            video_note: await api.sendVideoNote(chat, inputImage(), { length: 100 }),
            sticker: await api.sendSticker(chat, inputImage(), { emoji: "😀" }),
        };
        for (const [kind, message] of Object.entries(sent)) {
            const shown = kind === "photo" ? message.photo.at(-1) : message[kind];
            assert.equal(shown.file_size, image.length, kind);
            const file = await api.getFile(shown.file_id);
            assert.equal(file.file_unique_id, shown.file_unique_id);
            const response = await fetch(`${server.url}/file/bot${token}/${file.file_path}`);
            assert.deepEqual(Buffer.from(await response.arrayBuffer()), image, kind);
        }
        assert.equal(sent.photo.caption, "seen");
        assert.equal(sent.document.document.file_name, "notes.txt");
        const again = await api.sendPhoto(chat, sent.photo.photo.at(-1).file_id);
        assert.deepEqual(again.photo, sent.photo.photo);
        await assertRefused(api.sendDocument(chat, sent.video.video.file_id), 400,
            /^Bad Request: can't use file of type Video as Document$/);
        assert.equal((await fetch(`${server.url}/file/bot${token}/photos/file_0.jpg`)).status, 404);
    },

    async "what is too large or no image is refused"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const bytes = (size) => new InputFile(Buffer.alloc(size, image), "big");
        const mega = 1024 * 1024;
        await assertRefused(api.sendPhoto(chat, bytes(10 * mega + 1)), 400, /too big for a photo; the maximum size/);
        await assertRefused(api.sendDocument(chat, bytes(50 * mega + 1)), 413, /^Request Entity Too Large$/);
        await assertRefused(api.sendPhoto(chat, new InputFile(Buffer.from("text"), "a.jpg")), 400,
            /IMAGE_PROCESS_FAILED/);
        await assertRefused(api.sendPhoto(chat, inputImage(), { caption: "x".repeat(1025) }), 400,
            /^Bad Request: message caption is too long$/);
        const large = await api.sendDocument(chat, bytes(20 * mega + 1));
        await assertRefused(api.getFile(large.document.file_id), 400, /^Bad Request: file is too big$/);
    },

    async "an album is sent as one, with the files in parts of its own"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const photo = () => InputMediaBuilder.photo(inputImage());
        const media = [
            InputMediaBuilder.photo(inputImage(), { caption: "first" }),
            InputMediaBuilder.video(inputImage("b.mp4"), { duration: 2 }),
        ];
        const sent = await api.sendMediaGroup(chat, media, { reply_parameters: { message_id: 1 } });
        assert.deepEqual(sent.map((message) => message.reply_to_message.message_id), [1, 1]);
        assert.equal(sent[0].media_group_id, sent[1].media_group_id);
        assert.deepEqual([sent[0].caption, sent[1].video.duration], ["first", 2]);
        const [logged] = await control("sent", { token, method: "sendMediaGroup" });
        assert.equal(logged.messages.length, 2);
        await assertRefused(api.sendMediaGroup(chat, Array.from({ length: 11 }, photo)), 400, /too many messages/);
        await assertRefused(api.sendMediaGroup(chat, [photo(), InputMediaBuilder.document(inputImage())]), 400,
            /^Bad Request: document can't be mixed with other media types$/);
    },

    async "captions, media and keyboards are edited, and only what is there"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const keyboard = (data) => ({ reply_markup: { inline_keyboard: [[{ text: "A", callback_data: data }]] } });
        const { message_id: photo } = await api.sendPhoto(chat, inputImage(), keyboard("a"));
        const { message_id: text } = await api.sendMessage(chat, "text");
        assert.equal((await api.editMessageCaption(chat, photo, { caption: "new", ...keyboard("a") })).caption, "new");
        await assertRefused(api.editMessageCaption(chat, photo, { caption: "new", ...keyboard("a") }), 400,
            /^Bad Request: message is not modified: /);
        const edited = await api.editMessageReplyMarkup(chat, photo, keyboard("b"));
        assert.equal(edited.reply_markup.inline_keyboard[0][0].callback_data, "b");
        const replaced = await api.editMessageMedia(chat, photo, InputMediaBuilder.document(inputImage("b.pdf")));
        assert.deepEqual([replaced.document.file_name, replaced.photo], ["b.pdf", undefined]);
        await assertRefused(api.editMessageCaption(chat, text, { caption: "x" }), 400, /there is no caption in the message/);
        await assertRefused(api.editMessageText(chat, photo, "x"), 400, /there is no text in the message to edit/);
        await assertRefused(api.sendMessage(chat, "x", keyboard("x".repeat(65))), 400, /BUTTON_DATA_INVALID/);
    },

    async "places, contacts and polls are sent"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        assert.equal((await api.sendLocation(chat, 48.1, 11.5)).location.longitude, 11.5);
        assert.equal((await api.sendVenue(chat, 48.1, 11.5, "Café", "Street 1")).venue.title, "Café");
        assert.equal((await api.sendContact(chat, "+49", "Ann", { last_name: "B" })).contact.last_name, "B");
        const { poll } = await api.sendPoll(chat, "Well?", [{ text: "yes" }, { text: "no" }]);
        assert.deepEqual(poll.options.map((option) => option.text), ["yes", "no"]);
    },

    async "several messages are deleted at once, a draft is shown in private only"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const ids = [];
        for (const text of ["a", "b"]) {
            ids.push((await api.sendMessage(chat, text)).message_id);
        }
        assert.equal(await api.deleteMessages(chat, [...ids, 99]), true);
        await assertRefused(api.editMessageText(chat, ids[0], "x"), 400, /message to edit not found/);
        assert.equal(await api.sendMessageDraft(chat, 5, "so far"), true);
        await knownChat(token, -1001234567890);
        await assertRefused(api.sendMessageDraft(-1001234567890, 5, "x"), 400, /TEXTDRAFT_PEER_INVALID/);
    },

    async "a quote is a part of the message it answers"() {
        const token = await newToken();
        const api = apiOf(token);
        const chat = await knownChat(token);
        const quoting = (quote) => api.sendMessage(chat, "x", { reply_parameters: { message_id: 1, quote } });
        assert.deepEqual((await quoting("llo")).quote, { text: "llo", position: 2, is_manual: true });
        await assertRefused(quoting("bye"), 400, /^Bad Request: QUOTE_TEXT_INVALID$/);
    },
};
