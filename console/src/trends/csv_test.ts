import { expect, test } from "vitest";
import { csv } from "./csv";

test("cells with commas, quotes and lines are quoted", () => expect(csv([["a", "b,c", 'd"e', "f\ng"], ["1", "", "-2.5", "x"]])).toBe('a,"b,c","d""e","f\ng"\r\n1,,-2.5,x\r\n'));
test("nothing pasted becomes a formula", () => expect(csv([["=1+1", "@x", "+2", "-x"]])).toBe("'=1+1,'@x,'+2,'-x\r\n"));
