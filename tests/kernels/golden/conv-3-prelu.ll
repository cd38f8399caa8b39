define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  %v9 = getelementptr float, ptr %post, i64 2
  %v10 = load float, ptr %v9, align 4
  %v11 = insertelement <4 x float> poison, float %v10, i64 0
  %v12 = shufflevector <4 x float> %v11, <4 x float> poison, <4 x i32> zeroinitializer
  %v13 = getelementptr float, ptr %post, i64 3
  %v14 = load float, ptr %v13, align 4
  %v15 = insertelement <4 x float> poison, float %v14, i64 0
  %v16 = shufflevector <4 x float> %v15, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v17 = icmp sgt i64 %pairs, 0
  br i1 %v17, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_0_1 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %a1_0_0 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %a1_0_1 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  %v18 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v18, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v19 = getelementptr float, ptr %wp, i64 0
  %v20 = load float, ptr %v19, align 4
  %v21 = insertelement <4 x float> poison, float %v20, i64 0
  %v22 = shufflevector <4 x float> %v21, <4 x float> poison, <4 x i32> zeroinitializer
  %v23 = getelementptr float, ptr %wp, i64 1
  %v24 = load float, ptr %v23, align 4
  %v25 = insertelement <4 x float> poison, float %v24, i64 0
  %v26 = shufflevector <4 x float> %v25, <4 x float> poison, <4 x i32> zeroinitializer
  %v27 = getelementptr float, ptr %xp, i64 0
  %v28 = load <4 x float>, ptr %v27, align 4
  %v29 = getelementptr float, ptr %xp, i64 4
  %v30 = load <4 x float>, ptr %v29, align 4
  %v31 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v28, <4 x float> %v22, <4 x float> %a0_0_0)
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v28, <4 x float> %v26, <4 x float> %a1_0_0)
  %v33 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v30, <4 x float> %v22, <4 x float> %a0_0_1)
  %v34 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v30, <4 x float> %v26, <4 x float> %a1_0_1)
  call void @llvm.codeview.annotation(metadata !0)
  %v35 = getelementptr float, ptr %wp, i64 2
  %v36 = load float, ptr %v35, align 4
  %v37 = insertelement <4 x float> poison, float %v36, i64 0
  %v38 = shufflevector <4 x float> %v37, <4 x float> poison, <4 x i32> zeroinitializer
  %v39 = getelementptr float, ptr %wp, i64 3
  %v40 = load float, ptr %v39, align 4
  %v41 = insertelement <4 x float> poison, float %v40, i64 0
  %v42 = shufflevector <4 x float> %v41, <4 x float> poison, <4 x i32> zeroinitializer
  %v43 = getelementptr float, ptr %xp, i64 1
  %v44 = load <4 x float>, ptr %v43, align 4
  %v45 = getelementptr float, ptr %xp, i64 5
  %v46 = load <4 x float>, ptr %v45, align 4
  %v47 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v44, <4 x float> %v38, <4 x float> %v31)
  %v48 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v44, <4 x float> %v42, <4 x float> %v32)
  %v49 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v46, <4 x float> %v38, <4 x float> %v33)
  %v50 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v46, <4 x float> %v42, <4 x float> %v34)
  call void @llvm.codeview.annotation(metadata !0)
  %v51 = getelementptr float, ptr %wp, i64 4
  %v52 = load float, ptr %v51, align 4
  %v53 = insertelement <4 x float> poison, float %v52, i64 0
  %v54 = shufflevector <4 x float> %v53, <4 x float> poison, <4 x i32> zeroinitializer
  %v55 = getelementptr float, ptr %wp, i64 5
  %v56 = load float, ptr %v55, align 4
  %v57 = insertelement <4 x float> poison, float %v56, i64 0
  %v58 = shufflevector <4 x float> %v57, <4 x float> poison, <4 x i32> zeroinitializer
  %v59 = getelementptr float, ptr %xp, i64 2
  %v60 = load <4 x float>, ptr %v59, align 4
  %v61 = getelementptr float, ptr %xp, i64 6
  %v62 = load <4 x float>, ptr %v61, align 4
  %v63 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v60, <4 x float> %v54, <4 x float> %v47)
  %v64 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v60, <4 x float> %v58, <4 x float> %v48)
  %v65 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v62, <4 x float> %v54, <4 x float> %v49)
  %v66 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v62, <4 x float> %v58, <4 x float> %v50)
  %a0_0_0.next = bitcast <4 x float> %v63 to <4 x float>
  %a0_0_1.next = bitcast <4 x float> %v65 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v64 to <4 x float>
  %a1_0_1.next = bitcast <4 x float> %v66 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 6
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v67 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v68 = phi <4 x float> [%v4, %enter], [%a0_0_1.next, %body]
  %v69 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v70 = phi <4 x float> [%v8, %enter], [%a1_0_1.next, %body]
  %v71 = fcmp olt <4 x float> %v67, zeroinitializer
  %v72 = fmul <4 x float> %v67, %v12
  %v73 = select <4 x i1> %v71, <4 x float> %v72, <4 x float> %v67
  %v74 = fcmp olt <4 x float> %v68, zeroinitializer
  %v75 = fmul <4 x float> %v68, %v12
  %v76 = select <4 x i1> %v74, <4 x float> %v75, <4 x float> %v68
  %v77 = fcmp olt <4 x float> %v69, zeroinitializer
  %v78 = fmul <4 x float> %v69, %v16
  %v79 = select <4 x i1> %v77, <4 x float> %v78, <4 x float> %v69
  %v80 = fcmp olt <4 x float> %v70, zeroinitializer
  %v81 = fmul <4 x float> %v70, %v16
  %v82 = select <4 x i1> %v80, <4 x float> %v81, <4 x float> %v70
  %v83 = mul i64 %y_channel, 0
  %v84 = getelementptr float, ptr %y, i64 %v83
  %v85 = mul i64 %y_channel, 1
  %v86 = getelementptr float, ptr %y, i64 %v85
  %v87 = icmp sle i64 %low, 0
  %v88 = icmp sge i64 %high, 8
  %v89 = and i1 %v87, %v88
  br i1 %v89, label %plain, label %masked
plain:
  %v90 = getelementptr float, ptr %v84, i64 0
  store <4 x float> %v73, ptr %v90, align 4
  %v91 = getelementptr float, ptr %v84, i64 4
  store <4 x float> %v76, ptr %v91, align 4
  %v92 = getelementptr float, ptr %v86, i64 0
  store <4 x float> %v79, ptr %v92, align 4
  %v93 = getelementptr float, ptr %v86, i64 4
  store <4 x float> %v82, ptr %v93, align 4
  br label %end
masked:
  %v94 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v95 = shufflevector <4 x i64> %v94, <4 x i64> poison, <4 x i32> zeroinitializer
  %v96 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v95
  %v97 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v98 = shufflevector <4 x i64> %v97, <4 x i64> poison, <4 x i32> zeroinitializer
  %v99 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v98
  %v100 = and <4 x i1> %v96, %v99
  %v101 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v102 = shufflevector <4 x i64> %v101, <4 x i64> poison, <4 x i32> zeroinitializer
  %v103 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v102
  %v104 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v105 = shufflevector <4 x i64> %v104, <4 x i64> poison, <4 x i32> zeroinitializer
  %v106 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v105
  %v107 = and <4 x i1> %v103, %v106
  %v108 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v109 = shufflevector <4 x i64> %v108, <4 x i64> poison, <4 x i32> zeroinitializer
  %v110 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v109
  %v111 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v112 = shufflevector <4 x i64> %v111, <4 x i64> poison, <4 x i32> zeroinitializer
  %v113 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v112
  %v114 = and <4 x i1> %v110, %v113
  %v115 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v116 = shufflevector <4 x i64> %v115, <4 x i64> poison, <4 x i32> zeroinitializer
  %v117 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v116
  %v118 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v119 = shufflevector <4 x i64> %v118, <4 x i64> poison, <4 x i32> zeroinitializer
  %v120 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v119
  %v121 = and <4 x i1> %v117, %v120
  %v122 = getelementptr float, ptr %v84, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v73, ptr %v122, i32 4, <4 x i1> %v114)
  %v123 = getelementptr float, ptr %v84, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v76, ptr %v123, i32 4, <4 x i1> %v121)
  %v124 = getelementptr float, ptr %v86, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v79, ptr %v124, i32 4, <4 x i1> %v114)
  %v125 = getelementptr float, ptr %v86, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v82, ptr %v125, i32 4, <4 x i1> %v121)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
