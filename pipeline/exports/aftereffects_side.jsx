function buildRoto(roto) {
    var comp, index;
    app.beginUndoGroup("Roto shapes");
    if (!app.project) {
        app.newProject();
    }
    comp = app.project.items.addComp("roto", roto.width, roto.height, roto.pixelAspect, roto.duration, roto.rate);
    comp.displayStartTime = roto.start;
    for (index = roto.objects.length - 1; index >= 0; index -= 1) {
        buildObject(comp, roto, roto.objects[index]);
    }
    app.endUndoGroup();
    return comp;
}

function buildObject(comp, roto, item) {
    var layer, index;
    layer = comp.layers.addSolid([1, 1, 1], item.name, roto.width, roto.height, roto.pixelAspect, roto.duration);
    layer.name = item.name;
    layer.comment = item.label;
    for (index = 0; index < item.shapes.length; index += 1) {
        buildMask(layer.property("ADBE Mask Parade").addProperty("ADBE Mask Atom"), item, item.shapes[index]);
    }
    if (item.shapes.length === 0) {
        layer.enabled = false;
    }
}

function buildMask(mask, item, shape) {
    var path, opacity, values, index;
    mask.name = shape.name;
    mask.color = item.colour;
    mask.maskMode = shape.subtract ? MaskMode.SUBTRACT : MaskMode.ADD;
    values = [];
    for (index = 0; index < shape.paths.length; index += 1) {
        values.push(buildPath(shape.paths[index], shape.feathers ? shape.feathers[index] : null));
    }
    path = mask.property("ADBE Mask Shape");
    path.setValuesAtTimes(shape.times, values);
    interpolate(path, KeyframeInterpolationType.LINEAR);
    if (shape.life.length > 0) {
        opacity = mask.property("ADBE Mask Opacity");
        opacity.setValuesAtTimes(shape.lifeTimes, shape.life);
        interpolate(opacity, KeyframeInterpolationType.HOLD);
    }
}

function buildPath(points, feathers) {
    var path = new Shape();
    path.closed = true;
    path.vertices = points[0];
    path.inTangents = points[1];
    path.outTangents = points[2];
    if (feathers) {
        setFeathers(path, feathers);
    }
    return path;
}

function setFeathers(path, radii) {
    var segments = [], zeros = [], index;
    for (index = 0; index < radii.length; index += 1) {
        segments.push(index);
        zeros.push(0);
    }
    path.featherRadii = radii;
    path.featherSegLocs = segments;
    path.featherRelSegLocs = zeros;
    path.featherInterps = zeros;
    path.featherTensions = zeros;
    path.featherTypes = zeros;
    path.featherRelCornerAngles = zeros;
}

function interpolate(property, kind) {
    var index;
    for (index = 1; index <= property.numKeys; index += 1) {
        property.setInterpolationTypeAtKey(index, kind, kind);
    }
}
