/** What hardly any form uses: a page loads it when an expression of its form names it (`prepare` of `expressions.js`). */

import { axes, inOrder } from "./axes.js";
import { digestFunctions } from "./functions_digest.js";
import { placeFunctions } from "./functions_place.js";
import { rareFunctions } from "./functions_rare.js";
import { add, rare } from "./evaluate.js";
import { boundedMatch } from "./pattern_bounded.js";
import { slow } from "./pattern.js";

rare.inOrder = inOrder;
slow.match = boundedMatch;
add({ ...digestFunctions, ...placeFunctions, ...rareFunctions }, axes);
