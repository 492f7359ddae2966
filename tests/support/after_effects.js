// A small After Effects: what Adobe's scripting guide says of the objects that masks need, and nothing more.
// Reading or setting a name that is not there is an error.
var stringify = JSON.stringify;

function strict(kind, known) {
    return new Proxy(known, {
        get: function (target, name) {
            if (!(name in target) && name !== "toJSON") {
                throw new Error(kind + " has no " + String(name));
            }
            return target[name];
        },
        set: function (target, name, value) {
            if (!(name in target)) {
                throw new Error(kind + " takes no " + String(name));
            }
            target[name] = value;
            return true;
        }
    });
}

function Property() {
    var self = { times: [], values: [], kinds: [], numKeys: 0 };
    self.setValuesAtTimes = function (times, values) {
        if (times.length !== values.length || !times.length) {
            throw new Error(times.length + " times for " + values.length + " values");
        }
        self.times = times;
        self.values = values;
        self.numKeys = times.length;
        self.kinds = new Array(times.length);
    };
    self.setInterpolationTypeAtKey = function (index, before, after) {
        if (index < 1 || index > self.numKeys || before !== after) {
            throw new Error("no key " + index);
        }
        self.kinds[index - 1] = after;
    };
    return strict("Property", self);
}

function Mask() {
    var parts = { "ADBE Mask Shape": Property(), "ADBE Mask Opacity": Property() };
    var self = { name: "", color: [], maskMode: "add", parts: parts };
    self.property = function (name) { return strict("Mask", parts)[name]; };
    return strict("Mask", self);
}

function Layer(name, width, height, pixelAspect, duration) {
    var masks = [];
    var self = { name: name, comment: "", enabled: true, masks: masks, size: [width, height, pixelAspect, duration] };
    var parade = strict("Masks", {
        addProperty: function (match) {
            if (match !== "ADBE Mask Atom") {
                throw new Error("no " + match);
            }
            masks.push(Mask());
            return masks[masks.length - 1];
        }
    });
    self.property = function (name) { return strict("Layer", { "ADBE Mask Parade": parade })[name]; };
    return strict("Layer", self);
}

var comps = [];
var app = strict("app", {
    project: null,
    undo: 0,
    beginUndoGroup: function () { app.undo += 1; },
    endUndoGroup: function () { app.undo -= 1; },
    newProject: function () {
        app.project = strict("Project", { items: strict("Items", { addComp: addComp }) });
    }
});

function addComp(name, width, height, pixelAspect, duration, rate) {
    var layers = [];
    var comp = { name: name, size: [width, height, pixelAspect], duration: duration, rate: rate, displayStartTime: 0 };
    comp.all = layers;
    comp.layers = strict("Layers", {
        addSolid: function (color, called, wide, high, aspect, lasts) {
            layers.unshift(Layer(called, wide, high, aspect, lasts));
            return layers[0];
        }
    });
    comps.push(comp);
    return strict("Comp", comp);
}

function Shape() {
    var self = {
        closed: true, vertices: [], inTangents: [], outTangents: [], featherSegLocs: [], featherRelSegLocs: [],
        featherRadii: [], featherInterps: [], featherTensions: [], featherTypes: [], featherRelCornerAngles: []
    };
    return strict("Shape", self);
}

var MaskMode = strict("MaskMode", { ADD: "add", SUBTRACT: "subtract" });
var KeyframeInterpolationType = strict("KeyframeInterpolationType", { LINEAR: "linear", HOLD: "hold" });

// What came after the JavaScript of After Effects.
(function () {
    var later = {
        Array: ["forEach", "map", "filter", "indexOf", "reduce", "some", "every", "find", "includes", "fill", "flat"],
        String: ["trim", "padStart", "repeat", "startsWith", "endsWith", "includes"],
        Function: ["bind"]
    };
    var whole = globalThis, type, index;
    for (type in later) {
        for (index = 0; index < later[type].length; index += 1) {
            delete whole[type].prototype[later[type][index]];
        }
    }
    delete Object.keys; delete Object.assign; delete Object.entries; delete Object.values; delete Object.create;
    delete whole.JSON; delete whole.Map; delete whole.Set; delete whole.Promise;
}());
